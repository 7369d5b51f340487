package transfer

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// body is a request's body with a deadline for each read.
type body struct {
	io.ReadCloser
	ctx        context.Context // of the request, for reports
	config     *Config
	controller *http.ResponseController
	began      time.Time
	read       int64
	upload     bool
	ended      bool
	strict     bool // a deadline ends the body when it passes (HTTP/2), not only a read
}

// newBody wraps the body of a request, or returns nil if it has none. A request
// without a body gets no read deadline, because net/http would treat its end as
// a disconnect of the client.
func newBody(r *http.Request, config *Config, controller *http.ResponseController) *body {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	b := &body{
		ReadCloser: r.Body, ctx: r.Context(), config: config, controller: controller, began: config.Now(),
		strict: r.ProtoMajor >= 2,
	}
	if !b.strict {
		b.extend()
	}
	return b
}

// Read reads with the current deadline of the body.
func (b *body) Read(p []byte) (int, error) {
	if !b.ended {
		b.extend()
	}
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	if b.strict && err == nil {
		_ = b.controller.SetReadDeadline(time.Time{})
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		b.config.slow(b.ctx, ReasonBody)
		return n, &slowError{err}
	case err != nil && !b.ended: // the connection continues without the body's deadline
		b.ended = true
		_ = b.controller.SetReadDeadline(time.Time{})
	}
	return n, err
}

// extend sets the deadline of the next read.
func (b *body) extend() {
	now := b.config.Now()
	deadline := now.Add(b.config.ReadIdle)
	last := b.began.Add(b.config.Whole)
	if b.upload {
		last = now.Add(b.config.ReadIdle)
		if b.config.MinRate > 0 {
			last = b.began.Add(b.config.Grace + time.Duration(float64(b.read)/float64(b.config.MinRate)*float64(
				time.Second)))
		}
	}
	if last.Before(deadline) {
		deadline = last
	}
	_ = b.controller.SetReadDeadline(deadline) // a test's writer has no deadlines
}

// finish limits how long net/http reads the part of the body that the handler left.
func (b *body) finish() {
	if b != nil && !b.ended {
		_ = b.controller.SetReadDeadline(b.config.Now().Add(min(b.config.ReadIdle, leftover)))
	}
}

// leftover limits how long the unused rest of a body is read.
const leftover = 5 * time.Second

// slowError is a body that didn't arrive in time. It is a problem for the client
// and a timeout for net.Error.
type slowError struct{ cause error }

// IsSlow reports whether err means that a body didn't arrive in time.
func IsSlow(err error) bool {
	var slow *slowError
	return errors.As(err, &slow)
}

func (e *slowError) Error() string { return "the body didn't arrive in time: " + e.cause.Error() }

// Timeout returns true, for net.Error.
func (*slowError) Timeout() bool { return true }

// Temporary returns false, for net.Error.
func (*slowError) Temporary() bool { return false }

// Unwrap returns the problem.
func (e *slowError) Unwrap() error {
	return problem.Wrap(e.cause, problem.Invalid, "The body didn't arrive in time.").
		WithHint("Send it without pauses, over a faster connection or in smaller parts.")
}
