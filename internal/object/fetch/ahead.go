package fetch

import (
	"context"
	"io"
	"slices"
	"sync"
)

// Reads by offset use blocks, which have one range each.
const (
	block     = 256 << 10
	maxBlocks = 256 // in memory at a time: 64 MiB
)

// ahead reads an object by offset. Several positions may be read sequentially
// alternately, like the columns of a Parquet file. For each, the next block is
// requested while the current one is used.
type ahead struct {
	ctx    context.Context
	object *Object

	mu     sync.Mutex
	blocks []*held // the least used first
}

// held is a range that has arrived or was requested.
type held struct {
	from, to int64
	arrived  chan struct{} // closed when bytes and err are set
	bytes    []byte
	err      error
	used     bool
}

func newAhead(ctx context.Context, o *Object) *ahead { return &ahead{ctx: ctx, object: o} }

// ReadAt reads len(p) bytes from offset on, fewer only at the end.
func (a *ahead) ReadAt(p []byte, offset int64) (int, error) {
	total := 0
	for total < len(p) {
		if offset >= a.object.info.Size {
			return total, io.EOF
		}
		h := a.find(offset)
		select {
		case <-h.arrived:
		case <-a.ctx.Done():
			return total, a.ctx.Err()
		}
		if h.err != nil {
			return total, h.err
		}
		n := copy(p[total:], h.bytes[offset-h.from:])
		total += n
		offset += int64(n)
	}
	return total, nil
}

// find returns the block with an offset. The first use of a block requests the
// next one.
func (a *ahead) find(offset int64) *held {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := slices.IndexFunc(a.blocks, func(h *held) bool { return offset >= h.from && offset < h.to })
	var h *held
	if i >= 0 {
		h = a.blocks[i]
		a.blocks = append(slices.Delete(a.blocks, i, i+1), h)
		if !h.used && h.to < a.object.info.Size {
			a.begin(h.to)
		}
	} else {
		h = a.begin(offset)
	}
	h.used = true
	return h
}

// begin requests the block at an offset.
func (a *ahead) begin(from int64) *held {
	if i := slices.IndexFunc(a.blocks, func(h *held) bool { return from >= h.from && from < h.to }); i >= 0 {
		return a.blocks[i]
	}
	h := &held{from: from, to: min(from+block, a.object.info.Size), arrived: make(chan struct{})}
	if len(a.blocks) >= maxBlocks {
		a.blocks = slices.Delete(a.blocks, 0, 1)
	}
	a.blocks = append(a.blocks, h)
	go func() {
		defer close(h.arrived)
		s := a.object.span(a.ctx, h.from, h.to)
		h.bytes = make([]byte, h.to-h.from)
		_, h.err = io.ReadFull(s, h.bytes)
		_ = s.Close()
	}()
	return h
}
