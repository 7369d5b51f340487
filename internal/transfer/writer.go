package transfer

import (
	"context"
	"errors"
	"net/http"
	"os"
	"time"
)

// piece is the number of bytes of a response that a client must receive
// within the deadline of one write.
const piece = 16 << 10

// writer writes a response with a deadline for each piece.
type writer struct {
	http.ResponseWriter
	ctx        context.Context // of the request, for reports
	config     *Config
	controller *http.ResponseController
	strict     bool // a deadline ends the stream when it passes (HTTP/2), not only a write
	body       *body
	extended   time.Time // when the deadline was set; zero: there is none
}

// slack is the part of a deadline's time that may be missing: deadlines that were just
// set stay.
const slack = 64

// WriteHeader sends a refusal immediately. Before other responses on a connection
// that stays open, net/http reads the rest of a short body.
func (w *writer) WriteHeader(status int) {
	if status >= http.StatusBadRequest && w.body != nil && !w.body.ended && !w.strict {
		w.Header().Set("Connection", "close")
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write writes piece by piece; each has a new deadline.
func (w *writer) Write(p []byte) (written int, err error) {
	for first := true; first || len(p) > 0; first = false {
		part := p[:min(len(p), piece)]
		w.extend()
		n, err := w.ResponseWriter.Write(part)
		w.lift()
		written += n
		if err != nil {
			return written, w.cut(err)
		}
		p = p[len(part):]
	}
	return written, nil
}

// FlushError sends the buffer, for http.ResponseController.
func (w *writer) FlushError() error {
	w.extend()
	defer w.lift()
	return w.cut(w.controller.Flush())
}

func (w *writer) extend() {
	now := w.config.Now()
	if now.Sub(w.extended) < w.config.WriteIdle/slack {
		return
	}
	w.extended = now
	_ = w.controller.SetWriteDeadline(now.Add(w.config.WriteIdle)) // a test's writer has no deadlines
}

// lift removes a deadline that would pass while nothing is written.
func (w *writer) lift() {
	if w.strict {
		w.extended = time.Time{}
		_ = w.controller.SetWriteDeadline(time.Time{})
	}
}

// cut reports a client that received nothing.
func (w *writer) cut(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		w.config.slow(w.ctx, ReasonReader)
	}
	return err
}

// Unwrap returns the underlying writer, for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
