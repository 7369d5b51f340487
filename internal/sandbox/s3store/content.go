package s3store

import (
	"context"
	"io"
	"sync/atomic"
)

// Content stores bodies. It is safe for concurrent use.
type Content interface {
	// Write stores a body, which it reads to its end. The size is a hint, or
	// -1 if unknown. A large blob is durable when Write returns; a small one
	// may be written when its object is committed. A failed Write stores
	// nothing.
	Write(ctx context.Context, body io.Reader, size int64) (*Blob, error)
	// Check verifies a blob that an earlier run wrote. The error wraps
	// [ErrTorn] if the blob is damaged.
	Check(blob *Blob) error
	// Send writes a part of a blob to w.
	Send(w io.Writer, blob *Blob, offset, length int64) error
	// Remove deletes a blob without readers.
	Remove(blob *Blob)
}

// Blob is a body, or a part of one, in a [Content].
type Blob struct {
	ID      string // unique in its content; empty in memory
	Size    int64
	Sum     uint32 `json:",omitempty"` // CRC-32C of a body with a file; 0: unknown
	content Content
	refs    atomic.Int64           // 1 for the owner and 1 for each reader; at 0 the blob is removed
	data    [][]byte               // in memory
	small   atomic.Pointer[[]byte] // a small body until it is in the journal
	whole   atomic.Bool            // whether this run wrote or verified it
}

// acquire adds a reader. It fails if the blob was removed.
func (b *Blob) acquire() bool {
	for {
		n := b.refs.Load()
		if n == 0 {
			return false
		}
		if b.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (b *Blob) release() {
	if b.refs.Add(-1) == 0 {
		b.content.Remove(b)
	}
}

// Drop releases a blob that isn't needed.
func (b *Blob) Drop() { b.release() }

// restored prepares a blob that was read from the journal.
func (b *Blob) restored(content Content) {
	b.content = content
	b.refs.Store(1)
}

// Memory stores content in memory.
type Memory struct{}

const (
	firstChunk = 64 << 10
	lastChunk  = 8 << 20
)

// Write stores a body in chunks of growing size. It doesn't trust the claimed
// length.
func (m Memory) Write(ctx context.Context, body io.Reader, size int64) (*Blob, error) {
	blob := &Blob{content: m}
	blob.refs.Store(1)
	next := int64(firstChunk)
	if size >= 0 && size < next {
		next = max(size, 1)
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		chunk, err := fill(body, make([]byte, next))
		if len(chunk) > 0 {
			blob.data = append(blob.data, chunk)
			blob.Size += int64(len(chunk))
		}
		if err == io.EOF { //nolint:errorlint // a reader answers io.EOF itself
			return blob, nil
		}
		if err != nil {
			return nil, err
		}
		next = min(next*2, lastChunk)
		if size >= 0 {
			next = min(next, max(size-blob.Size, 1))
		}
	}
}

// fill reads until the chunk is full. Unlike io.ReadFull it returns the
// reader's own error, so that a truncated body isn't mistaken for a complete
// one.
func fill(from io.Reader, chunk []byte) ([]byte, error) {
	n := 0
	for n < len(chunk) {
		m, err := from.Read(chunk[n:])
		n += m
		if err != nil {
			return chunk[:n:n], err
		}
	}
	return chunk, nil
}

// Check does nothing: bodies in memory can't be damaged.
func (Memory) Check(*Blob) error { return nil }

// Send writes a part of a blob to w.
func (Memory) Send(w io.Writer, blob *Blob, offset, length int64) error {
	for _, chunk := range blob.data {
		if length == 0 {
			return nil
		}
		if offset >= int64(len(chunk)) {
			offset -= int64(len(chunk))
			continue
		}
		part := chunk[offset:]
		part = part[:min(int64(len(part)), length)]
		if _, err := w.Write(part); err != nil {
			return err
		}
		offset, length = 0, length-int64(len(part))
	}
	return nil
}

// Remove does nothing: memory is collected.
func (Memory) Remove(*Blob) {}

// NewBlob writes a body.
func (s *Store) NewBlob(ctx context.Context, body io.Reader, size int64) (*Blob, error) {
	return s.content.Write(ctx, body, size)
}
