package fetch

import (
	"context"
	"io"
	"sync"
)

// parallel reads ranges of an object concurrently and returns them in order.
type parallel struct {
	cancel  context.CancelFunc
	ended   func() error // the error of the context
	fetches sync.WaitGroup
	queue   chan chan part // in the order of the object; its capacity limits the concurrent ranges
	free    chan []byte    // buffers to fill; as many as concurrent ranges
	current part
	err     error // once there is one
}

// part is a range that was read.
type part struct {
	buffer []byte // to return
	bytes  []byte // the unread rest of it
	err    error
}

func newParallel(ctx context.Context, o *Object) *parallel {
	ctx, cancel := context.WithCancel(ctx)
	p := &parallel{
		cancel: cancel, ended: ctx.Err,
		queue: make(chan chan part, o.config.Parallel), free: make(chan []byte, o.config.Parallel),
	}
	for range o.config.Parallel {
		p.free <- nil // allocated on first use
	}
	p.fetches.Go(func() { p.dispatch(ctx, o) })
	return p
}

// dispatch begins a range whenever a buffer is free.
func (p *parallel) dispatch(ctx context.Context, o *Object) {
	defer close(p.queue)
	for offset := int64(0); offset < o.info.Size; offset += o.config.Part {
		var buffer []byte
		select {
		case buffer = <-p.free:
		case <-ctx.Done():
			return
		}
		if buffer == nil {
			buffer = make([]byte, o.config.Part)
		}
		arrived := make(chan part, 1)
		p.queue <- arrived // has room: no more ranges are at work than buffers
		end := min(offset+o.config.Part, o.info.Size)
		p.fetches.Go(func() {
			s := o.span(ctx, offset, end)
			n, err := io.ReadFull(s, buffer[:end-offset])
			_ = s.Close()
			arrived <- part{buffer: buffer, bytes: buffer[:n], err: err}
		})
	}
}

// Read reads the next bytes.
func (p *parallel) Read(b []byte) (int, error) {
	for len(p.current.bytes) == 0 && p.err == nil {
		if p.err = p.current.err; p.err != nil {
			break
		}
		if p.current.buffer != nil {
			p.free <- p.current.buffer
		}
		arriving, ok := <-p.queue
		if !ok {
			p.current, p.err = part{}, io.EOF
			if err := p.ended(); err != nil { // not all ranges were started
				p.err = err
			}
			break
		}
		p.current = <-arriving
	}
	if p.err != nil {
		return 0, p.err
	}
	n := copy(b, p.current.bytes)
	p.current.bytes = p.current.bytes[n:]
	return n, nil
}

// Close ends all ranges and waits for them.
func (p *parallel) Close() error {
	p.cancel()
	p.fetches.Wait()
	return nil
}
