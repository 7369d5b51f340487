package load

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// RejectFilter selects rejected rows. The zero value selects all.
type RejectFilter struct {
	Reasons []dataset.RejectCode // any of them; empty means all
	Object  string               // key; empty means all
}

func (f *RejectFilter) check() error {
	for _, code := range f.Reasons {
		if !slices.Contains(dataset.RejectCodes(), code) {
			return problem.New(problem.Invalid, "Unknown reason %q.", code).
				WithHint("Use one of %s.", codeList()).
				WithFindings(problem.Finding{Path: "reason", Message: "is unknown"})
		}
	}
	return nil
}

func codeList() string {
	list := ""
	for i, code := range dataset.RejectCodes() {
		if i > 0 {
			list += ", "
		}
		list += string(code)
	}
	return list
}

func (f *RejectFilter) matches(r *dataset.Rejected) bool {
	return (len(f.Reasons) == 0 || slices.Contains(f.Reasons, r.Code)) && (f.Object == "" || f.Object == r.Object)
}

// Rejects calls fn for each row that a load rejected, in order.
func (s *Service) Rejects(ctx context.Context, actor access.Actor, workspace, loadID string,
	fn func(dataset.Rejected) error,
) error {
	return s.SelectRejects(ctx, actor, workspace, loadID, RejectFilter{}, fn)
}

// SelectRejects calls fn for each row that a load rejected and that the filter
// selects, in order.
func (s *Service) SelectRejects(ctx context.Context, actor access.Actor, workspace, loadID string, filter RejectFilter,
	fn func(dataset.Rejected) error,
) error {
	if err := filter.check(); err != nil {
		return err
	}
	found, err := s.Get(ctx, actor, workspace, loadID)
	if err != nil {
		return err
	}
	return s.config.Rejects.Rejects(ctx, found.ID, func(r dataset.Rejected) error {
		if !filter.matches(&r) {
			return nil
		}
		return fn(r)
	})
}

// ListRejects returns a page of the rows that a load rejected.
func (s *Service) ListRejects(ctx context.Context, actor access.Actor, workspace, loadID string, filter RejectFilter,
	request paging.Request,
) (paging.List[dataset.Rejected], error) {
	const kind = "reject"
	after, limit, err := request.Start(kind)
	if err != nil {
		return paging.List[dataset.Rejected]{}, err
	}
	skip, err := strconv.Atoi(cmp.Or(after, "0"))
	if err != nil || skip < 0 {
		return paging.List[dataset.Rejected]{}, problem.New(problem.Invalid, "The cursor doesn't belong to this list.")
	}
	page := paging.List[dataset.Rejected]{Items: []dataset.Rejected{}}
	enough := errors.New("the page is full")
	n := 0
	err = s.SelectRejects(ctx, actor, workspace, loadID, filter, func(r dataset.Rejected) error {
		switch n++; {
		case n <= skip:
		case len(page.Items) == limit:
			page.Next = paging.Cursor(kind, strconv.Itoa(n-1))
			return enough
		default:
			page.Items = append(page.Items, r)
		}
		return nil
	})
	if errors.Is(err, enough) {
		err = nil
	}
	return page, err
}
