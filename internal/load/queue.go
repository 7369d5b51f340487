package load

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// Limits of the objects that are open ahead of the one being staged: their number
// and their memory.
const (
	maxOpen     = 16 // after they were sampled
	openBytes   = 128 << 20
	smallObject = 4 << 20 // bytes of memory for reading a small object
	largeObject = 64 << 20
)

// opened is an object that is being read, or the reason why it can't be.
type opened struct {
	info    object.Info
	content *tabular.Content
	reader  *chunk.Reader
	schema  dataset.Schema // to read it with: the pass's schema and new columns
	err     error
	fixed   []string                  // columns whose type the feed keeps
	added   map[string]*cell.Constant // values that the feed adds to the rows
	archive string                    // the key of a member's archive
	keep    bool                      // stays open after sampling
	member  bool                      // of an archive, which is open
	cancel  context.CancelFunc
	once    sync.Once
	release func() // returns its share of the queue's limits
}

// close stops reading. It may be called twice.
func (o *opened) close() {
	o.once.Do(func() {
		o.cancel() // releases goroutines that wait for bytes
		if o.reader != nil {
			o.reader.Close()
		}
		if o.content != nil {
			_ = o.content.Close() // nothing is written
		}
		o.release()
	})
}

// openObject opens an object and starts reading it. It also reads columns that
// only the object has.
func (p *pass) openObject(ctx context.Context, final []string, info object.Info) *opened {
	o := p.sampled.take(info)
	if o == nil {
		o = p.openContent(ctx, info, p.status.addBytes)
	}
	p.startReading(ctx, o, final)
	return o
}

// startReading starts reading the rows of an object. An archive has no rows of
// its own.
func (p *pass) startReading(ctx context.Context, o *opened, final []string) {
	o.schema = p.readWith()
	if o.err != nil || o.isArchive() {
		return
	}
	o.added = p.addedTo(o)
	o.content.SetNames(p.schema.NamesBeside(func(column string) bool { return o.added[column] != nil }))
	if !p.final {
		o.err = p.addColumnsOf(ctx, o)
	}
	if o.err == nil {
		o.fixed = p.fixed()
		o.content.SetAdded(o.added)
		o.content.SetFinal(final)
		o.content.SetFixed(o.fixed)
		o.reader, o.err = o.content.Read(ctx, o.schema)
	}
}

// addColumnsOf adds columns that only the object has to its schema, with the
// types of its first rows.
func (p *pass) addColumnsOf(ctx context.Context, o *opened) error {
	var names []string
	for _, name := range o.content.NewColumns(o.schema) {
		if !p.ignored[name] && p.addsColumn(name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	sampler := infer.New()
	if err := o.content.Sample(ctx, sampler); err != nil {
		return err
	}
	o.schema.Columns = slices.Clone(o.schema.Columns)
	for _, name := range names {
		guess := infer.Guess{Type: dataset.String}
		if e := sampler.Evidence(name); e != nil {
			guess = e.Guess()
		}
		o.schema.Columns = append(o.schema.Columns, guess.Column(name))
	}
	return nil
}

// queue opens objects ahead, in order.
type queue struct {
	pace    *pace
	cancel  context.CancelFunc
	opening sync.WaitGroup
	waiting chan chan *opened
}

// openAhead starts to open the readable objects. The caller must call the
// queue's close.
func (p *pass) openAhead(ctx context.Context, objects []object.Info) *queue {
	final := p.schema.final()
	ctx, cancel := context.WithCancel(ctx)
	q := &queue{pace: p.pace, cancel: cancel, waiting: make(chan chan *opened, p.feed.ObjectsAtOnce)}
	readable := slices.Collect(p.readable(objects)) // copied, because the set changes during reading
	budget, places := semaphore.NewWeighted(openBytes), semaphore.NewWeighted(int64(p.feed.ObjectsAtOnce))
	p.pace.begin(func(n int) {
		q.opening.Go(func() { _ = places.Acquire(ctx, int64(n)) }) // and never given back
	})
	q.opening.Go(func() {
		defer close(q.waiting)
		for _, info := range readable {
			cost := int64(largeObject)
			if info.Size <= smallObject {
				cost = smallObject
			}
			if places.Acquire(ctx, 1) != nil || budget.Acquire(ctx, cost) != nil {
				return
			}
			place := make(chan *opened, 1)
			select {
			case q.waiting <- place:
			case <-ctx.Done():
				return
			}
			q.opening.Go(func() {
				p.status.meter.begin(info.Key)
				o := p.openObject(ctx, final, info)
				o.release = func() { p.status.meter.end(info.Key); budget.Release(cost); places.Release(1) }
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
			return <-place // arrives soon after ctx ends, too
		}
	case <-ctx.Done():
	}
	return &opened{err: context.Cause(ctx), cancel: func() {}, release: func() {}}
}

// close stops opening objects and closes those that weren't taken.
func (q *queue) close() {
	q.pace.end()
	q.cancel()
	for place := range q.waiting {
		(<-place).close()
	}
	q.opening.Wait()
}
