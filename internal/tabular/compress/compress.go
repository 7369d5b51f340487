// Package compress opens compressed objects: gzip, zstd and bzip2, told by
// their first bytes and never by their name.
package compress

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/windlass-io/windlass/internal/problem"
)

// Kind is a compression format; the empty one is no compression.
type Kind string

// The kinds.
const (
	None  Kind = ""
	Gzip  Kind = "gzip"
	Zstd  Kind = "zstd"
	Bzip2 Kind = "bzip2"
)

// The reasons of problems with compressed data.
const (
	Damaged        = "damaged"
	ExpansionLimit = "expansion_limit"
	WindowTooLarge = "window_too_large"
)

// Kinds are all kinds of compression.
func Kinds() []Kind { return []Kind{Gzip, Zstd, Bzip2} }

// maxWindow bounds what a zstd stream may ask to be kept in memory.
const maxWindow = 64 << 20

// Detect returns the kind by the first bytes of an object.
func Detect(head []byte) Kind {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return Gzip
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return Zstd
	case len(head) > 3 && bytes.HasPrefix(head, []byte("BZh")) && head[3] >= '1' && head[3] <= '9':
		return Bzip2
	}
	return None
}

// Reader decompresses an object. Data that is cut off or damaged is a problem of
// code invalid with the stored byte; errors of the object itself are returned
// unchanged.
type Reader struct {
	Kind   Kind
	inner  io.Reader
	close  func()
	stored *counter

	unpacked, maxBytes int64
}

// Open detects how an object is compressed. The object may have maxBytes
// unpacked bytes, and a thousand times its stored ones; 0 means
// [DefaultMaxBytes]. More is a problem of code too_large. Close must be called;
// it does not close r.
func Open(r io.Reader, maxBytes int64) (*Reader, error) {
	if maxBytes == 0 {
		maxBytes = DefaultMaxBytes
	}
	stored := &counter{inner: r}
	buffered := bufio.NewReaderSize(stored, 64<<10)
	head, _ := buffered.Peek(4)
	if stored.err != nil {
		return nil, stored.err
	}
	c := &Reader{Kind: Detect(head), inner: buffered, close: func() {}, stored: stored, maxBytes: maxBytes}
	switch c.Kind {
	case Gzip:
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, c.explain(err)
		}
		c.inner = z
	case Zstd:
		z, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, c.explain(err)
		}
		c.inner, c.close = z, z.Close
	case Bzip2:
		c.inner = bzip2.NewReader(buffered)
	case None:
	}
	return c, nil
}

// Read reads the next bytes.
func (c *Reader) Read(p []byte) (int, error) {
	n, err := c.inner.Read(p)
	c.unpacked += int64(n)
	if fault := c.limit(); fault != nil {
		return 0, fault
	}
	if err == nil || err == io.EOF { // an error of reading may have io.EOF for its cause
		return n, err
	}
	return n, c.explain(err)
}

// Close lets the memory go.
func (c *Reader) Close() error {
	c.close()
	return nil
}

// explain describes what is wrong with the data, unless the object could not be
// read at all.
func (c *Reader) explain(err error) error {
	if c.stored.err != nil {
		return c.stored.err
	}
	if c.Kind == None {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return problem.Wrap(err, problem.Invalid, "Its %s data is cut off: it ends at byte %d, before it is complete.",
			c.Kind, c.stored.bytes).
			WithHint("Upload the object again, whole.").WithReason(Damaged)
	}
	if errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return problem.Wrap(err, problem.TooLarge, "Its zstd data needs a window of more than %d MiB.", maxWindow>>20).
			WithHint("Compress it with --long=26 at most.").WithReason(WindowTooLarge)
	}
	return problem.Wrap(err, problem.Invalid, "Its %s data is damaged near byte %d (%s).", c.Kind, c.stored.bytes,
		detail(err)).
		WithHint("Upload the object again.").WithReason(Damaged)
}

// detail is a decompressor's own words, which name no data.
func detail(err error) string { return fmt.Sprintf("%.100s", err.Error()) }

// counter counts the stored bytes and remembers why they ended.
type counter struct {
	inner io.Reader
	bytes int64
	err   error // other than io.EOF
}

func (r *counter) Read(p []byte) (int, error) {
	n, err := r.inner.Read(p)
	r.bytes += int64(n)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}
