package transfer

import (
	"context"
	"errors"
	"net/http"
	"os"
	"time"
)

// piece is how many bytes of an answer a client must take within the deadline
// of one write.
const piece = 16 << 10

// writer is an answer with a deadline for each piece.
type writer struct {
	http.ResponseWriter
	ctx        context.Context // of the request, for reports
	config     *Config
	controller *http.ResponseController
	strict     bool // a deadline ends the stream when it passes (HTTP/2), not only a write
	body       *body
}

// WriteHeader sends a refusal at once. Before an answer on a connection that stays
// open, net/http reads the rest of a short body.
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

// FlushError sends what is buffered, for http.ResponseController.
func (w *writer) FlushError() error {
	w.extend()
	defer w.lift()
	return w.cut(w.controller.Flush())
}

func (w *writer) extend() {
	_ = w.controller.SetWriteDeadline(w.config.Now().Add(w.config.WriteIdle)) // a writer of a test has none
}

// lift removes a deadline that would pass while nothing is written.
func (w *writer) lift() {
	if w.strict {
		_ = w.controller.SetWriteDeadline(time.Time{})
	}
}

// cut reports a client that took nothing.
func (w *writer) cut(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		w.config.slow(w.ctx, ReasonReader)
	}
	return err
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
