package platform

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// listParameters returns the parameters of every list.
func listParameters() []Parameter {
	return []Parameter{
		{"limit", "integer", "Maximum number of items."},
		{"offset", "integer", "Items to skip."},
		{"first", "integer", "Number of oldest items."},
		{"last", "integer", "Number of newest items."},
		{"from", "", "Created on or after this day: 2024-02-29, 20240229, RFC 3339 or milliseconds since 1970."},
		{"to", "", "Created on or before this day."},
		{"sort", "", "asc (default, oldest first) or desc."},
	}
}

// listing has a client's selection and order of a list's items.
type listing struct {
	limit, first, last int // 0: any number
	offset             int
	from, to           time.Time // to is exclusive; zero: open
	descending         bool
}

func parseListing(r *http.Request) (l listing, err error) {
	for _, n := range []struct {
		name  string
		least int
		into  *int
	}{{"limit", 1, &l.limit}, {"first", 1, &l.first}, {"last", 1, &l.last}, {"offset", 0, &l.offset}} {
		if *n.into, err = number(r, n.name, n.least); err != nil {
			return l, err
		}
	}
	if l.first > 0 && l.last > 0 {
		return l, problem.New(problem.Invalid, "Use only one of first and last.").
			WithReason("conflicting_parameters")
	}
	if l.from, _, err = moment(r, "from"); err != nil {
		return l, err
	}
	if _, l.to, err = moment(r, "to"); err != nil {
		return l, err
	}
	switch text := parameter(r, "sort"); strings.ToLower(text) {
	case "", "asc":
	case "desc":
		l.descending = true
	default:
		return l, invalidValue("sort", text, "asc or desc")
	}
	return l, nil
}

// number parses a whole number. It returns 0 if there is none.
func number(r *http.Request, name string, least int) (int, error) {
	text := parameter(r, name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least {
		return 0, invalidValue(name, text, "a whole number from "+strconv.Itoa(least))
	}
	return n, nil
}

// moment parses a day or a moment, and returns its start and the first moment
// after it.
func moment(r *http.Request, name string) (start, after time.Time, err error) {
	text := parameter(r, name)
	if text == "" {
		return start, after, nil
	}
	for _, layout := range []string{time.DateOnly, "20060102"} {
		if day, err := time.Parse(layout, text); err == nil {
			return day, day.AddDate(0, 0, 1), nil
		}
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, t.Add(time.Microsecond), nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 && n < 1<<53/1000 {
		t := time.UnixMilli(n)
		return t, t.Add(time.Millisecond), nil
	}
	return start, after, invalidValue(name, text, "a day such as 2024-02-29, or a moment such as 2024-02-29T12:30:00Z")
}

func invalidValue(name, value, wanted string) error {
	return problem.New(problem.Invalid, "The parameter %s is %q; it must be %s.", name, clip.To(value, 60), wanted).
		WithReason("invalid_value")
}

// pick returns the selected items of a list that is sorted oldest first. at returns
// when an item was created.
func pick[T any](items []T, l listing, at func(T) time.Time) []T {
	items = slices.DeleteFunc(slices.Clone(items), func(item T) bool {
		t := at(item)
		return t.Before(l.from) || !l.to.IsZero() && !t.Before(l.to)
	})
	if l.first > 0 {
		items = items[:min(l.first, len(items))]
	}
	if l.last > 0 {
		items = items[max(0, len(items)-l.last):]
	}
	if l.descending {
		slices.Reverse(items)
	}
	items = items[min(l.offset, len(items)):]
	if l.limit > 0 {
		items = items[:min(l.limit, len(items))]
	}
	return items
}

// maxListed limits the items that are read for a list.
const maxListed = 20_000

// all reads every page of a list.
func all[T any](ctx context.Context, call Call,
	page func(context.Context, access.Actor, string, paging.Request) (paging.List[T], error),
) ([]T, error) {
	var items []T
	request := paging.Request{Limit: paging.MaxLimit}
	for {
		found, err := page(ctx, call.Actor, call.Workspace, request)
		if err != nil {
			return nil, err
		}
		items = append(items, found.Items...)
		if request.Cursor = found.Next; found.Next == "" || len(items) >= maxListed {
			return items, nil
		}
	}
}
