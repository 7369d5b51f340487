package fault

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// SlowWriter returns a writer that waits before the body of a response and
// after each part of it, as a [Slow] fault describes. It stops waiting when
// the context is done.
func (f *Fault) SlowWriter(ctx context.Context, w http.ResponseWriter) http.ResponseWriter {
	return &slowWriter{ResponseWriter: w, ctx: ctx, delay: f.Delay, piece: f.Bytes}
}

// slowWriter has no Unwrap, so that nothing bypasses it.
type slowWriter struct {
	http.ResponseWriter
	ctx   context.Context //nolint:containedctx // it lives as long as the response
	delay time.Duration
	piece int64
	left  int64 // bytes left of the current part
}

func (w *slowWriter) Write(p []byte) (written int, err error) {
	for len(p) > 0 {
		if w.left == 0 {
			if err := w.wait(); err != nil {
				return written, err
			}
			w.left = w.piece
		}
		n, err := w.ResponseWriter.Write(p[:min(int64(len(p)), w.left)])
		written += n
		w.left -= int64(n)
		p = p[n:]
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// wait flushes the response and then waits.
func (w *slowWriter) wait() error {
	_ = http.NewResponseController(w.ResponseWriter).Flush() // without a flush the part only arrives later
	timer := time.NewTimer(w.delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-w.ctx.Done():
		return fmt.Errorf("sending slowly: %w", w.ctx.Err())
	}
}

// CutWriter returns a writer that closes the connection after the number of
// bytes of a [Cut] fault.
func (f *Fault) CutWriter(w http.ResponseWriter) http.ResponseWriter {
	return &cutWriter{ResponseWriter: w, left: f.Bytes}
}

// cutWriter has no Unwrap, so that nothing bypasses it.
type cutWriter struct {
	http.ResponseWriter
	left int64
	cut  bool
}

func (w *cutWriter) Write(p []byte) (int, error) {
	if w.cut {
		return 0, net.ErrClosed
	}
	if int64(len(p)) <= w.left {
		n, err := w.ResponseWriter.Write(p)
		w.left -= int64(n)
		return n, err
	}
	n, err := w.ResponseWriter.Write(p[:w.left])
	if err != nil {
		return n, err
	}
	w.cut = true
	control := http.NewResponseController(w.ResponseWriter)
	_ = control.Flush() // everything before the cut arrives
	connection, _, err := control.Hijack()
	if err != nil {
		return n, fmt.Errorf("cutting the response: %w", err)
	}
	_ = connection.Close() // the connection is meant to break
	return n, net.ErrClosed
}
