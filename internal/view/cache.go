package view

import (
	"container/list"
	"context"
	"errors"
	"sync"

	"github.com/windlass-io/windlass/internal/engine/held"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

// results keeps the rows of views by what they depend on, the last used ones first,
// within a bound of bytes. Reads that need the same rows at the same time run the
// statement once.
type results struct {
	bytes int64 // bound
	pages *parquetfile.Cache

	mu      sync.Mutex
	kept    map[string]*list.Element // of *result
	order   *list.List               // the last used first
	size    int64
	running map[string]*running
}

type result struct {
	key  string
	rows *held.Rows
}

// running is a statement that runs for those who wait.
type running struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiters int
	rows    *held.Rows
	err     error
}

// newResults returns an empty cache. A quarter of the bytes are for decoded pages.
func newResults(bytes int64) (*results, error) {
	pages, err := parquetfile.NewCache(bytes / 4)
	return &results{
		bytes: bytes - bytes/4, pages: pages, kept: map[string]*list.Element{}, order: list.New(),
		running: map[string]*running{},
	}, err
}

// get returns the rows of a key: kept ones, or those of run.
func (r *results) get(ctx context.Context, key string, run func(context.Context) (*held.Rows, error)) (*held.Rows,
	error,
) {
	for {
		r.mu.Lock()
		if e := r.kept[key]; e != nil {
			r.order.MoveToFront(e)
			found, _ := e.Value.(*result)
			r.mu.Unlock()
			return found.rows, nil
		}
		now, leads := r.running[key], false
		if now == nil {
			leads = true
			now = &running{done: make(chan struct{})}
			r.running[key] = now
		}
		now.waiters++
		if leads {
			var running context.Context
			running, now.cancel = context.WithCancel(context.WithoutCancel(ctx))
			go r.lead(running, key, now, run)
		}
		r.mu.Unlock()
		rows, err := r.wait(ctx, now, leads)
		if errors.Is(err, context.Canceled) && ctx.Err() == nil {
			continue // those who waited for it left just before
		}
		return rows, err
	}
}

// wait waits for a statement. When nobody waits for it any more it ends. Whoever leads
// waits in any case: the statement uses what belongs to them.
func (r *results) wait(ctx context.Context, now *running, leads bool) (*held.Rows, error) {
	var err error
	select {
	case <-now.done:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	r.mu.Lock()
	now.waiters--
	if now.waiters == 0 {
		now.cancel()
	}
	r.mu.Unlock()
	if err != nil && leads {
		<-now.done
	}
	if err != nil {
		return nil, err
	}
	return now.rows, now.err
}

// lead runs a statement and keeps its rows.
func (r *results) lead(ctx context.Context, key string, now *running,
	run func(context.Context) (*held.Rows, error),
) {
	now.rows, now.err = run(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.running, key)
	if now.err == nil {
		r.keep(key, now.rows)
	}
	close(now.done)
}

func (r *results) keep(key string, rows *held.Rows) {
	size := rows.Size() + int64(len(key))
	if size > r.bytes {
		return
	}
	r.kept[key] = r.order.PushFront(&result{key, rows})
	r.size += size
	for r.size > r.bytes {
		e := r.order.Back()
		oldest, _ := e.Value.(*result)
		r.order.Remove(e)
		delete(r.kept, oldest.key)
		r.size -= oldest.rows.Size() + int64(len(oldest.key))
	}
}
