package api

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/windlass-io/windlass/internal/telemetry"
)

// streamTime limits a stream of rows.
const streamTime = 30 * time.Minute

// rowsTrailer is the trailer with the number of rows of a complete stream.
const rowsTrailer = "Windlass-Rows"

// rowStream is an answer that is written while it is read.
type rowStream interface {
	Write(ctx context.Context, w io.Writer) error
	Rows() int64 // written so far
	NoteRows()   // as usage
	Close() error
}

// streamRows writes an answer while it is read. It counts as a request of its
// token until it ends, and each write has a deadline. A failure or a
// used-up quota after the first byte closes the connection, so that a partial answer never looks
// complete.
func (a *API) streamRows(w http.ResponseWriter, r *http.Request, answer rowStream,
	most time.Duration,
) error {
	defer func() { _ = answer.Close() }()
	ctx, cancel := context.WithTimeout(r.Context(), most)
	defer cancel()
	w.Header().Set("Trailer", rowsTrailer)
	out := &begun{ResponseWriter: w, check: func() error {
		answer.NoteRows()
		return a.checkProgress(ctx)
	}}
	err := answer.Write(ctx, out)
	switch {
	case err == nil:
		w.Header().Set(rowsTrailer, strconv.FormatInt(answer.Rows(), 10))
		return nil
	case !out.begun:
		w.Header().Del("Trailer")
		return err
	}
	if r.Context().Err() == nil { // otherwise the client left
		a.config.Logger.ErrorContext(r.Context(), telemetry.AnswerCutOff, "cause", err)
	}
	panic(http.ErrAbortHandler)
}

// checkEvery is the interval in which a stream checks the quota of its token.
const checkEvery = time.Second

// begun records whether a byte was written, and checks whether more may be.
type begun struct {
	http.ResponseWriter
	check   func() error
	begun   bool
	checked time.Time
}

// Write writes.
func (b *begun) Write(p []byte) (int, error) {
	if now := time.Now(); !b.begun { //nolint:forbidigo // measures
		b.begun, b.checked = true, now
	} else if now.Sub(b.checked) >= checkEvery {
		b.checked = now
		if err := b.check(); err != nil {
			return 0, err
		}
	}
	return b.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the writer below.
func (b *begun) Unwrap() http.ResponseWriter { return b.ResponseWriter }
