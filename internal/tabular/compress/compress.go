// Package compress opens compressed objects: gzip, zstd, bzip2, xz, framed lz4,
// framed snappy and the members of zip archives. It detects them by their first
// bytes, never by their name.
package compress

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/mikelolasagasti/xz"

	"github.com/windlass-io/windlass/internal/problem"
)

// Kind is a compression format; the empty one is no compression.
type Kind string

// The kinds.
const (
	None   Kind = ""
	Gzip   Kind = "gzip" // BGZF too
	Zstd   Kind = "zstd"
	Bzip2  Kind = "bzip2"
	XZ     Kind = "xz"
	LZ4    Kind = "lz4"
	Snappy Kind = "snappy"
	Zip    Kind = "zip" // an archive: see [OpenArchive]
)

// The reasons of problems with compressed data.
const (
	Damaged        = "damaged"
	ExpansionLimit = "expansion_limit"
	WindowTooLarge = "window_too_large"
	Encrypted      = "encrypted"
)

// Kinds returns all kinds of compression.
func Kinds() []Kind { return []Kind{Gzip, Zstd, Bzip2, XZ, LZ4, Snappy, Zip} }

// Reader decompresses an object. Data that is cut off or damaged is a problem of
// code invalid with the stored byte; errors of the object itself are returned
// unchanged.
type Reader struct {
	Kind   Kind
	inner  io.Reader
	close  func()
	stored *counter
	limits Limits
	from   *directory // of a member of an archive

	unpacked int64
}

// Open detects how an object is compressed. A zip archive has the kind [Zip] and
// is not unpacked. If there are more unpacked bytes than the limits allow, the
// error is a problem with code too_large. Close must be called; it does not close
// r.
func Open(r io.Reader, limits Limits) (*Reader, error) {
	stored := &counter{inner: r}
	buffered := bufio.NewReaderSize(stored, bufferBytes)
	head := passSkippable(buffered)
	if stored.err != nil {
		return nil, stored.err
	}
	c := &Reader{Kind: Detect(head), inner: buffered, close: func() {}, stored: stored, limits: limits.withDefaults()}
	if err := c.unpack(buffered); err != nil {
		return nil, c.explain(err)
	}
	return c, nil
}

// Read reads the next bytes.
func (c *Reader) Read(p []byte) (n int, err error) {
	n, err = c.read(p)
	c.unpacked += int64(n)
	if c.limits.Count != nil {
		c.limits.Count(n)
	}
	if fault := c.limit(); fault != nil {
		return 0, fault
	}
	if err == nil || err == io.EOF { //nolint:errorlint // an error of reading may have io.EOF for its cause
		return n, err
	}
	return n, c.explain(err)
}

// read returns a panic of a decompressor about damaged data as an error.
func (c *Reader) read(p []byte) (n int, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			n, err = 0, fmt.Errorf("%v", fault)
		}
	}()
	return c.inner.Read(p)
}

// Close frees the memory.
func (c *Reader) Close() error {
	c.close()
	return nil
}

// explain describes what is wrong with the data, unless reading the object
// failed.
func (c *Reader) explain(err error) error {
	if c.stored.err != nil {
		return c.stored.err
	}
	if c.Kind == None {
		return err
	}
	if c.from != nil {
		return c.from.explain(err)
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, xz.ErrBuf):
		return problem.Wrap(err, problem.Invalid, "Its %s data is cut off: it ends at byte %d, before it is complete.",
			c.Kind, c.stored.bytes).
			WithHint("Upload the complete object again.").WithReason(Damaged)
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		return problem.Wrap(err, problem.TooLarge, "Its zstd data needs a window of more than %d MiB.", maxWindow>>20).
			WithHint("Compress it with --long=27 at most.").WithReason(WindowTooLarge)
	case errors.Is(err, xz.ErrMemlimit):
		return problem.Wrap(err, problem.TooLarge, "Its xz data needs a dictionary of more than %d MiB.", maxWindow>>20).
			WithHint("Compress it with the preset -9 at most.").WithReason(WindowTooLarge)
	}
	return problem.Wrap(err, problem.Invalid, "Its %s data is damaged near byte %d (%s).", c.Kind, c.stored.bytes,
		detail(err)).
		WithHint("Upload the object again.").WithReason(Damaged)
}

// detail returns a decompressor's error message, which contains no data.
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
