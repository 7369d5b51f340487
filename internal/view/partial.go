package view

import (
	"context"
	"errors"
	"sync"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/held"
	"github.com/windlass-io/windlass/internal/problem"
)

// The limits of partial results.
const (
	partialReads = 3    // of one result, until all of it is read
	mostPartials = 1000 // results and views whose reads are counted
)

// partials decides which reads of views read only the rows of their filters. The first
// reads of a result do. Later ones read all of it, which serves every filter, unless
// it was too large or too slow.
type partials struct {
	mu    sync.Mutex
	reads map[string]int  // by the tag of the result
	large map[string]bool // by the view's ID
}

// next reports whether the next read of a result is partial.
func (p *partials) next(viewID, tag string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.large[viewID] {
		return true
	}
	if p.reads == nil || len(p.reads) >= mostPartials {
		p.reads = map[string]int{}
	}
	p.reads[tag]++
	return p.reads[tag] <= partialReads
}

// tooLarge records that a view's whole result can't be read.
func (p *partials) tooLarge(viewID string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.large == nil || len(p.large) >= mostPartials {
		p.large = map[string]bool{}
	}
	p.large[viewID] = true
}

// errOtherColumns reports that a statement with a filter has other columns than the
// view.
var errOtherColumns = errors.New("the filtered statement has other columns than the view")

// read returns rows that have all rows of a filter, from the cache or from the
// statement, and the key of the filter that was used.
func (o *Opened) read(ctx context.Context, f *filter) (*result, string, error) {
	s := o.service
	if o.view.View.Ordered || f.text == "" || s.results.has(o.tag) {
		return o.whole(ctx)
	}
	if !s.partials.next(o.view.ID, o.tag) {
		found, key, err := o.whole(ctx)
		if !isLimit(err) {
			return found, key, err
		}
		s.partials.tooLarge(o.view.ID)
	}
	found, err := s.results.get(ctx, o.tag+"\x00"+f.key(), s.config.ResultBytes,
		func(ctx context.Context) (*held.Rows, error) { return o.query(ctx, f) })
	if isFault(err) || errors.Is(err, errOtherColumns) {
		return o.whole(ctx) // the statement doesn't support the filter
	}
	return found, f.key(), err
}

// whole returns all rows of the view.
func (o *Opened) whole(ctx context.Context) (*result, string, error) {
	found, err := o.service.results.get(ctx, o.tag, o.service.config.ResultBytes,
		func(ctx context.Context) (*held.Rows, error) { return o.query(ctx, nil) })
	return found, "", err
}

// isLimit reports whether a statement took too long or its result is too large.
func isLimit(err error) bool {
	reason := problem.From(err).Reason
	return err != nil && (reason == engine.SQLTimeLimit || reason == engine.SQLMemoryLimit)
}
