// Package chunk reads a stream of records with several workers and returns the
// rows in the order of the stream, in bounded memory.
//
//	bytes → Framer → chunks of whole records → Parser × workers → batches, in order
//
// A [Framer] cuts the stream where a record ends, which is quick; a [Parser]
// turns a chunk's records into typed rows, which is slow. No more than three
// chunks and four batches for each worker are held at a time.
package chunk

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// Bytes is the size of a chunk. The end of a record must be found within this
// many bytes.
const Bytes = 1 << 20

// Chunk is a sequence of whole records.
type Chunk struct {
	Data []byte
	// Ends has the end of each record in Data. It is empty for formats in
	// which Data itself shows where records end.
	Ends []int
	// Line is the number, from 1, of the first record, or of the line that
	// Data begins with.
	Line int64
	// Rejected has the records that framing rejected. They come before those
	// in Data.
	Rejected []dataset.Rejected
}

// Reset empties the chunk and keeps its memory.
func (c *Chunk) Reset() { c.Data, c.Ends, c.Line, c.Rejected = c.Data[:0], c.Ends[:0], 0, nil }

// Framer cuts a stream into chunks. Only one goroutine uses it.
type Framer interface {
	// Frame fills an empty chunk with the next records, at least one if
	// there are any. It returns io.EOF if there are no more, and another
	// error if reading the stream failed; earlier chunks stay valid.
	Frame(c *Chunk) error
}

// Parser turns chunks into rows. Each worker has one.
type Parser interface {
	// Parse adds the chunk's rows to out. Whenever out is full, it calls
	// emit and continues with the returned builder; nil means to stop. It
	// returns the last builder.
	Parse(c *Chunk, out *Builder, emit Emit) *Builder
}

// Emit accepts a full builder and returns an empty one, or nil to stop.
type Emit func(*Builder) *Builder

// Reader returns the rows of a stream, batch by batch. It is used by one
// goroutine.
type Reader struct {
	columns []cell.Column
	cancel  context.CancelFunc
	workers sync.WaitGroup
	slots   chan *slot // in the order of the stream
	current *slot
	last    *Builder
	free    sync.Pool // of *Builder
	chunks  sync.Pool // of *Chunk
}

// slot receives the batches of one chunk.
type slot struct {
	batches chan *Builder
	err     error // why there are no further slots; set before batches is closed
}

// job is a chunk to parse.
type job struct {
	chunk *Chunk
	slot  *slot
}

// Read starts reading. It calls newParser once for each worker; there is at
// least one. Close must be called.
func Read(ctx context.Context, framer Framer, newParser func() Parser, columns []cell.Column, workers int) *Reader {
	ctx, cancel := context.WithCancel(ctx)
	workers = max(workers, 1)
	r := &Reader{columns: columns, cancel: cancel, slots: make(chan *slot, 2*workers)}
	r.free.New = func() any { return NewBuilder(columns) }
	r.chunks.New = func() any { return &Chunk{Data: make([]byte, 0, Bytes)} }
	jobs := make(chan job, workers)
	r.workers.Go(func() { r.frame(ctx, framer, jobs) })
	for range workers {
		parser := newParser()
		r.workers.Go(func() {
			for j := range jobs {
				r.parse(ctx, parser, j)
			}
		})
	}
	return r
}

// Produce starts reading a stream without framing: produce fills out and
// passes it to emit whenever it is full, as a [Parser] does, and returns nil
// at the end of the stream. It runs in its own goroutine, one batch ahead.
// Close must be called.
func Produce(ctx context.Context, columns []cell.Column, produce func(ctx context.Context, out *Builder,
	emit Emit) (*Builder, error),
) *Reader {
	ctx, cancel := context.WithCancel(ctx)
	s := &slot{batches: make(chan *Builder, 1)}
	r := &Reader{columns: columns, cancel: cancel, current: s}
	r.free.New = func() any { return NewBuilder(columns) }
	r.workers.Go(func() {
		defer close(s.batches)
		out, err := produce(ctx, r.builder(), func(b *Builder) *Builder {
			if !s.send(ctx, b) {
				return nil
			}
			return r.builder()
		})
		if s.err = err; err == nil {
			s.err = io.EOF
		}
		if err == nil && out != nil && !out.Empty() {
			s.send(ctx, out)
		}
	})
	return r
}

func (s *slot) send(ctx context.Context, b *Builder) bool {
	select {
	case s.batches <- b:
		return true
	case <-ctx.Done():
		return false
	}
}

// frame yields chunks until the stream ends.
func (r *Reader) frame(ctx context.Context, framer Framer, jobs chan<- job) {
	defer close(r.slots)
	defer close(jobs)
	for {
		c := r.chunks.Get().(*Chunk) //nolint:forcetypeassert // the pool has only this type
		c.Reset()
		s := &slot{batches: make(chan *Builder, 1)}
		err := framer.Frame(c)
		if err != nil {
			s.err = err
			close(s.batches)
		}
		select {
		case r.slots <- s:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
		select {
		case jobs <- job{c, s}:
		case <-ctx.Done():
			return
		}
	}
}

// parse fills a slot.
func (r *Reader) parse(ctx context.Context, parser Parser, j job) {
	defer close(j.slot.batches)
	out := r.builder()
	out.Rejected = append(out.Rejected, j.chunk.Rejected...)
	out = parser.Parse(j.chunk, out, func(b *Builder) *Builder {
		if !j.slot.send(ctx, b) {
			return nil
		}
		return r.builder()
	})
	if cap(j.chunk.Data) <= 2*Bytes { // a larger one was needed for a large record
		r.chunks.Put(j.chunk)
	}
	if out != nil && !out.Empty() {
		j.slot.send(ctx, out)
	}
}

func (r *Reader) builder() *Builder {
	b := r.free.Get().(*Builder) //nolint:forcetypeassert // the pool has only this type
	b.Reset()
	return b
}

// Next returns the next rows and rejected rows, valid until the next call, and
// io.EOF at the end. An error of the stream or its context comes after all that
// was read before.
func (r *Reader) Next(ctx context.Context) (*Builder, error) {
	if r.last != nil {
		r.free.Put(r.last)
		r.last = nil
	}
	for {
		if r.current == nil {
			select {
			case s, ok := <-r.slots:
				if !ok {
					return nil, errors.Join(ctx.Err(), io.ErrClosedPipe)
				}
				r.current = s
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		select {
		case b, ok := <-r.current.batches:
			if ok {
				r.last = b
				return b, nil
			}
			if err := r.current.err; err != nil {
				return nil, err // again and again
			}
			r.current = nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Keep returns the last result of Next, which stays valid until
// [Reader.Return].
func (r *Reader) Keep() *Builder {
	kept := r.last
	r.last = nil
	return kept
}

// Return releases the result of Keep.
func (r *Reader) Return(kept *Builder) { r.free.Put(kept) }

// Close stops the workers and waits for them. It doesn't close the stream. It
// waits while a worker reads, so first end the context of a stream that may
// block.
func (r *Reader) Close() {
	r.cancel()
	r.workers.Wait()
}
