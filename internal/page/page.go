// Package page is how long lists are handed out: a page at a time, each with
// the cursor of the next.
package page

import (
	"encoding/base64"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
)

// The bounds of a page.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
)

// maxCursor bounds a cursor, in bytes as it is handed out.
const maxCursor = 2048

// Request asks for a page. Its zero value asks for the first page of the usual
// length.
type Request struct {
	Cursor string // Next of the page before; empty for the first
	Limit  int    // items, at most MaxLimit; 0 for DefaultLimit
}

// Of is a page of a list.
type Of[T any] struct {
	Items []T    `json:"items"` // never nil
	Next  string `json:"next"`  // cursor of the next page; empty at the end
}

// Start reads the request for a list of this kind, such as "token": the key of
// the last item of the page before, empty for the first page, and how many
// items are wanted. A cursor of another list, or of nobody's making, is a
// problem of code invalid.
func (r Request) Start(kind string) (after string, limit int, err error) {
	limit = r.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	if limit < 0 || limit > MaxLimit {
		return "", 0, problem.New(problem.Invalid, "A page has between 1 and %d items; %d were asked for.", MaxLimit, limit)
	}
	if r.Cursor == "" {
		return "", limit, nil
	}
	after, ok := parse(r.Cursor, kind)
	if !ok {
		return "", 0, problem.New(problem.Invalid, "The cursor is not one of this list.").
			WithHint("Take the cursor from \"next\" of the page before, unchanged, or leave it out for the first page.")
	}
	return after, limit, nil
}

// Cut makes a page of rows that were read with a limit of one more than wanted:
// the one too many tells that there is a next page. key is what the list is
// sorted by, and tells any two items apart.
func Cut[T any](kind string, rows []T, limit int, key func(T) string) Of[T] {
	if len(rows) <= limit {
		return Of[T]{Items: append([]T{}, rows...)}
	}
	rows = rows[:limit]
	return Of[T]{Items: rows, Next: Cursor(kind, key(rows[limit-1]))}
}

// Cursor is the cursor of the page after the item with this key, for lists that
// [Cut] does not fit.
func Cursor(kind, key string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(kind + ":" + key))
}

func parse(cursor, kind string) (key string, ok bool) {
	if len(cursor) > maxCursor {
		return "", false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || strings.ContainsRune(cursor, '\n') || strings.ContainsRune(cursor, '\r') {
		return "", false
	}
	key, ok = strings.CutPrefix(string(b), kind+":")
	return key, ok && key != ""
}
