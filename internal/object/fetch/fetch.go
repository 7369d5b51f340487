// Package fetch reads one version of an object of any size, with limited
// memory, and resumes broken connections. Every request names the planned
// ETag: if the object changes meanwhile, it returns [ErrChanged] and never
// mixes two versions.
//
// A stream of a small object is one request. A large object is read in
// concurrent ranges, which are returned in order. Reads by offset read ahead
// where they are sequential.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/windlass-io/windlass/internal/object"
)

// ErrChanged means that the object is no longer the planned version.
var ErrChanged = errors.New("the object changed while it was read")

// Config configures how objects are read. The zero value works.
type Config struct {
	Large    int64         // size in bytes from which an object is read in concurrent ranges; default 16 MiB
	Part     int64         // bytes of a range; default 8 MiB
	Parallel int           // concurrent ranges; default 4
	Attempts int           // how often in a row a broken connection is resumed without progress; default 5
	Backoff  time.Duration // the wait before the first resumption, which doubles each time; default 200 ms
	// Progress, optional, is called with the number of bytes as they arrive.
	// It is called concurrently.
	Progress func(bytes int)
}

func (c Config) withDefaults() Config {
	setDefault(&c.Large, 16<<20)
	setDefault(&c.Part, 8<<20)
	setDefault(&c.Parallel, 4)
	setDefault(&c.Attempts, 5)
	setDefault(&c.Backoff, 200*time.Millisecond)
	if c.Progress == nil {
		c.Progress = func(int) {}
	}
	return c
}

func setDefault[T comparable](value *T, preset T) {
	var zero T
	if *value == zero {
		*value = preset
	}
}

// Object is one version of an object: its key, size and ETag as listed.
type Object struct {
	bucket object.Bucket
	info   object.Info
	config Config
}

// New returns an object to read. It sends no request yet.
func New(bucket object.Bucket, info object.Info, config Config) *Object {
	return &Object{bucket: bucket, info: info, config: config.withDefaults()}
}

// Stream returns all bytes from the first. Close must be called.
func (o *Object) Stream(ctx context.Context) (io.ReadCloser, error) {
	if o.info.Size > o.config.Large {
		return newParallel(ctx, o), nil
	}
	s := o.span(ctx, 0, o.info.Size)
	return s, s.begin() // report a refusal immediately
}

// At returns a reader of any of the bytes, until ctx ends.
func (o *Object) At(ctx context.Context) io.ReaderAt { return newAhead(ctx, o) }

// span reads the bytes from offset to end, and resumes where a connection broke.
type span struct {
	object   *Object
	ctx      context.Context
	offset   int64
	end      int64
	body     io.ReadCloser
	failures int // since the last byte
}

func (o *Object) span(ctx context.Context, offset, end int64) *span {
	return &span{object: o, ctx: ctx, offset: offset, end: end}
}

// begin opens the connection if there is none.
func (s *span) begin() error {
	for s.body == nil && s.offset < s.end {
		options := object.ReadOptions{IfMatch: s.object.info.ETag, Offset: s.offset}
		if s.offset > 0 || s.end < s.object.info.Size {
			options.Length = s.end - s.offset
		}
		body, info, err := s.object.bucket.Read(s.ctx, s.object.info.Key, options)
		switch {
		case err != nil:
			if err := s.failed(err); err != nil {
				return err
			}
		case info.ETag != s.object.info.ETag || info.Size != s.object.info.Size:
			return errors.Join(ErrChanged, body.Close()) // the service ignored If-Match
		default:
			s.body = body
		}
	}
	return nil
}

// failed waits before the next attempt, or returns the error if there is none.
func (s *span) failed(err error) error {
	var f *object.Failure
	switch {
	case !errors.As(err, &f):
		return err
	case f.Changed():
		return ErrChanged
	case f.Status != 0: // the driver has retried what may pass
		return err
	}
	if s.failures++; s.failures >= s.object.config.Attempts {
		return err
	}
	wait := s.object.config.Backoff << (s.failures - 1)
	wait += time.Duration(rand.Int64N(int64(wait) + 1)) //nolint:gosec // spreads retries; not secret
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// Read reads the next bytes.
func (s *span) Read(p []byte) (int, error) {
	for {
		if s.offset >= s.end {
			return 0, io.EOF
		}
		if err := s.ctx.Err(); err != nil {
			return 0, err
		}
		if err := s.begin(); err != nil {
			return 0, err
		}
		n, err := s.body.Read(p[:min(int64(len(p)), s.end-s.offset)])
		if n > 0 {
			s.offset += int64(n)
			s.failures = 0
			s.object.config.Progress(n)
		}
		if err != nil && s.offset < s.end {
			if err == io.EOF { //nolint:errorlint // an error of reading may have io.EOF for its cause
				err = s.short()
			}
			if err := errors.Join(s.Close(), s.failed(err)); err != nil {
				return n, err
			}
		}
		if n > 0 {
			return n, nil
		}
	}
}

// short is the error of a connection that ended before the object did.
func (s *span) short() error {
	return &object.Failure{
		Operation: "GetObject", Resource: s.object.info.Key,
		Message: fmt.Sprintf("the connection ended at byte %d of %d", s.offset, s.end),
	}
}

// Close closes the connection. Read opens another.
func (s *span) Close() error {
	if s.body == nil {
		return nil
	}
	body := s.body
	s.body = nil
	_ = body.Close() // the data was complete, or will be requested again
	return nil
}
