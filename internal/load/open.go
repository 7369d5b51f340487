package load

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
)

// What may be open ahead of the one object that is being staged: so many, and
// so many bytes of memory for them.
const (
	maxOpen     = 16
	openBytes   = 128 << 20
	smallObject = 4 << 20 // what reading a small object may take
	largeObject = 64 << 20
)

// opened is an object that is being read, or why it cannot be.
type opened struct {
	info    object.Info
	content *tabular.Content
	reader  *chunk.Reader
	err     error
	cancel  context.CancelFunc
	once    sync.Once
	after   func() // gives back what it holds of the queue's bounds
}

// notes says what a person should know of how the object was read.
func (o *opened) notes() []string { return o.content.Notes() }

// close ends the reading. It may be called twice.
func (o *opened) close() {
	o.once.Do(func() {
		o.cancel() // whoever waits for bytes waits no longer
		if o.reader != nil {
			o.reader.Close()
		}
		if o.content != nil {
			_ = o.content.Close() // nothing is written
		}
		o.after()
	})
}

// openNow opens an object and starts to read it.
func (u *run) openNow(ctx context.Context, info object.Info) *opened {
	ctx, cancel := context.WithCancel(ctx)
	o := &opened{info: info, cancel: cancel, after: func() {}}
	if o.content, o.err = tabular.Open(ctx, u.input(info, u.counter.add), u.options()); o.err != nil {
		return o
	}
	o.reader, o.err = o.content.Read(ctx, u.dataset.Schema)
	return o
}

// input is an object as the readers of formats see it.
func (u *run) input(info object.Info, progress func(int)) tabular.Input {
	config := u.config.Fetch
	config.Progress = progress
	return source.Input(u.bucket, info, config)
}

// options says what the source says of the format.
func (u *run) options() tabular.Options {
	o := u.source.Format.Options()
	o.Workers = u.config.Workers
	o.UnpackedBytes = u.config.UnpackedBytes
	return o
}

// queue opens objects ahead, in order.
type queue struct {
	cancel  context.CancelFunc
	opening sync.WaitGroup
	waiting chan chan *opened
}

// openAhead starts to open the objects. Its close must be called.
func (u *run) openAhead(ctx context.Context) *queue {
	ctx, cancel := context.WithCancel(ctx)
	q := &queue{cancel: cancel, waiting: make(chan chan *opened, maxOpen)}
	var infos []object.Info
	for info := range u.fitObjects { // before it goes on, for what is unfit changes
		infos = append(infos, info)
	}
	budget := semaphore.NewWeighted(openBytes)
	q.opening.Go(func() {
		defer close(q.waiting)
		for _, info := range infos {
			cost := int64(largeObject)
			if info.Size <= smallObject {
				cost = smallObject
			}
			if budget.Acquire(ctx, cost) != nil {
				return
			}
			place := make(chan *opened, 1)
			select {
			case q.waiting <- place:
			case <-ctx.Done():
				return
			}
			q.opening.Go(func() {
				o := u.openNow(ctx, info)
				o.after = func() { budget.Release(cost) }
				place <- o
			})
		}
	})
	return q
}

// next waits for the next object.
func (q *queue) next(ctx context.Context) *opened {
	select {
	case place, ok := <-q.waiting:
		if ok {
			return <-place // it comes soon after ctx ends, too
		}
	case <-ctx.Done():
	}
	return &opened{err: context.Cause(ctx), cancel: func() {}, after: func() {}}
}

// close ends the opening, and closes what was opened and not taken.
func (q *queue) close() {
	q.cancel()
	for place := range q.waiting {
		(<-place).close()
	}
	q.opening.Wait()
}
