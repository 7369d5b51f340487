package audit

import (
	"context"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// clockSlack limits how far the times of adjacent entries may be out of order.
const clockSlack = time.Minute

// Filter selects entries of a list. Empty fields match everything.
type Filter struct {
	Actor    string // ID
	Action   string // "integration.create", or "integration." for all of its kind
	Resource string // ID
	Outcome  Outcome
	Request  string // request ID
	Since    time.Time
	Until    time.Time // exclusive
	Reads    bool      // include the entries that only record reads of data
}

func (f *Filter) matches(e *Entry) bool {
	same := func(want, got string) bool { return want == "" || want == got }
	return same(f.Actor, e.Actor.ID) && same(f.Resource, e.Resource.ID) &&
		same(string(f.Outcome), string(e.Outcome)) && same(f.Request, e.RequestID) &&
		(same(f.Action, e.Action) || strings.HasSuffix(f.Action, ".") && strings.HasPrefix(e.Action, f.Action)) &&
		!e.Time.Before(f.Since) && (f.Until.IsZero() || e.Time.Before(f.Until)) &&
		(f.Reads || !e.isRead())
}

// List returns a workspace's entries, newest first. A page may be shorter than
// requested and still have a next one, where the search continues.
func (s *Service) List(ctx context.Context, actor access.Actor, workspace string, filter Filter,
	request paging.Request,
) (paging.List[Entry], error) {
	if err := s.check(ctx, actor, access.AuditList, workspace); err != nil {
		return paging.List[Entry]{}, err
	}
	before, limit, err := startBack(request)
	if err != nil {
		return paging.List[Entry]{}, err
	}
	// entries are stored in microseconds
	filter.Since, filter.Until = filter.Since.Truncate(time.Microsecond), filter.Until.Truncate(time.Microsecond)
	filter.Reads = filter.Reads || filter.Action == string(access.DataRead)
	found, scanned := paging.List[Entry]{Items: []Entry{}}, 0
	for e, err := range s.back(ctx, workspace, before, filter.Reads) {
		if err != nil {
			return paging.List[Entry]{}, err
		}
		if e.Time.Before(filter.Since.Add(-clockSlack)) {
			break
		}
		if filter.matches(&e) {
			found.Items = append(found.Items, e)
		}
		if scanned++; len(found.Items) == limit || scanned == scanEntries {
			found.Next = paging.Cursor("audit", strconv.FormatInt(e.Seq, 10))
			break
		}
	}
	return found, nil
}

// startBack parses the request. The page has entries before the returned number.
func startBack(request paging.Request) (before int64, limit int, err error) {
	after, limit, err := request.Start("audit")
	if err != nil || after == "" {
		return math.MaxInt64, limit, err
	}
	before, err = strconv.ParseInt(after, 10, 64)
	if err != nil {
		return 0, 0, problem.New(problem.Invalid, "The cursor doesn't belong to this list.")
	}
	return before, limit, nil
}

// back returns an iterator over the entries before a number, newest first.
func (s *Service) back(ctx context.Context, workspace string, before int64, reads bool) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for {
			blocks, err := s.store.AuditBack(ctx, workspace, before, reads, walkBlocks)
			if err != nil {
				yield(Entry{}, err)
				return
			}
			for i := range blocks {
				if !yieldBack(&blocks[i], before, yield) {
					return
				}
				before = blocks[i].First
			}
			if len(blocks) < walkBlocks {
				return
			}
		}
	}
}

func yieldBack(block *Block, before int64, yield func(Entry, error) bool) bool {
	entries, err := block.Entries()
	if err != nil {
		yield(Entry{}, broken(err))
		return false
	}
	for i := len(entries) - 1; i >= 0; i-- {
		if entries[i].Seq < before && !yield(entries[i], nil) {
			return false
		}
	}
	return true
}

func broken(cause error) error {
	return problem.Wrap(cause, problem.Internal, "The audit log is damaged.").
		WithHint("windlass audit verify shows the first changed entry.")
}
