package view

import (
	"container/list"
	"context"
	"errors"
	"sync"

	"github.com/windlass-io/windlass/internal/engine/held"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

// results caches the rows of views, keyed by everything they depend on, and evicts
// the least recently used beyond a limit of bytes. Concurrent reads of the same
// rows run the statement once.
type results struct {
	bytes int64 // limit of the cached rows
	pages *parquetfile.Cache
	room  *room // for rows being created or in use

	mu      sync.Mutex
	kept    map[string]*list.Element // of *result
	order   *list.List               // the last used first
	size    int64
	running map[string]*running
}

// result has rows that may be in use.
type result struct {
	key  string
	rows *held.Rows

	users   int   // readers of the rows; r.mu guards this and the next field
	counted int64 // bytes taken from the room for them
}

// running is a running statement and its waiting readers.
type running struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiters int
	result  *result
	err     error
}

// newResults returns an empty cache. A quarter of the bytes are for decoded pages.
func newResults(bytes int64, room *room) (*results, error) {
	pages, err := parquetfile.NewCache(bytes / 4)
	return &results{
		bytes: bytes - bytes/4, pages: pages, room: room, kept: map[string]*list.Element{}, order: list.New(),
		running: map[string]*running{},
	}, err
}

// resultsInUse limits the rows being created or in use: this many results of the
// largest size.
const resultsInUse = 4

// get returns the rows of a key from the cache or from run, for which it reserves
// memory for the largest result, and as much again to order it. The caller must
// return the rows with giveBack.
func (r *results) get(ctx context.Context, key string, largest int64, run func(context.Context) (*held.Rows, error)) (
	*result, error,
) {
	for {
		r.mu.Lock()
		if e := r.kept[key]; e != nil {
			r.order.MoveToFront(e)
			found, _ := e.Value.(*result)
			r.mu.Unlock()
			return found, r.use(ctx, found)
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
			go r.lead(running, key, now, largest, run)
		}
		r.mu.Unlock()
		found, err := r.wait(ctx, now, leads)
		if errors.Is(err, context.Canceled) && ctx.Err() == nil {
			continue // its waiting readers have just left
		}
		if err != nil {
			return nil, err
		}
		return found, r.use(ctx, found)
	}
}

// has reports whether the rows of a key are cached or being read.
func (r *results) has(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.kept[key] != nil || r.running[key] != nil
}

// use counts a reader of rows. Rows without readers need room again.
func (r *results) use(ctx context.Context, found *result) error {
	size := found.rows.Size()
	r.mu.Lock()
	if found.users > 0 {
		found.users++
		r.mu.Unlock()
		return nil
	}
	r.mu.Unlock()
	if err := r.room.take(ctx, size); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	found.users++
	if found.counted > 0 { // another reader was first
		r.room.leave(size)
		return nil
	}
	found.counted = size
	return nil
}

// giveBack ends a reader's use of rows.
func (r *results) giveBack(found *result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found.users--
	if found.users == 0 {
		r.room.leave(found.counted)
		found.counted = 0
	}
}

// wait waits for a statement, which is cancelled when no reader waits for it any more.
// The leader always waits until it has ended, because the statement uses the leader's
// resources.
func (r *results) wait(ctx context.Context, now *running, leads bool) (*result, error) {
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
	return now.result, now.err
}

// lead runs a statement when there is room for its rows, and caches them.
func (r *results) lead(ctx context.Context, key string, now *running, largest int64,
	run func(context.Context) (*held.Rows, error),
) {
	var rows *held.Rows
	if now.err = r.room.take(ctx, 2*largest); now.err == nil {
		rows, now.err = run(ctx)
		r.room.leave(2 * largest)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.running, key)
	if now.err == nil {
		now.result = &result{key: key, rows: rows}
		r.keep(now.result)
	}
	close(now.done)
}

func (r *results) keep(found *result) {
	size := found.rows.Size() + int64(len(found.key))
	if size > r.bytes {
		return
	}
	r.kept[found.key] = r.order.PushFront(found)
	r.size += size
	for r.size > r.bytes {
		e := r.order.Back()
		oldest, _ := e.Value.(*result)
		r.order.Remove(e)
		delete(r.kept, oldest.key)
		r.size -= oldest.rows.Size() + int64(len(oldest.key))
	}
}
