// Package door is what every HTTP request goes through before anything else,
// at the API as at the console: it gets an ID, the address it came from is
// noted, and the status of the answer is remembered for the log line.
package door

import (
	"context"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/clientaddr"
	"github.com/windlass-io/windlass/internal/id"
)

// Request is what a handler may know of the transport.
type Request struct {
	ID      string // "req_…", also in the X-Request-Id of the answer and in the log
	Address string // IP address of the client, as clientaddr found it
}

type requestKey struct{}

// Enter gives a request its ID, which the answer's header tells as well, and
// remembers both in its context for [From].
func Enter(w http.ResponseWriter, r *http.Request, now time.Time) (*Recorder, *http.Request) {
	entered := Request{ID: id.New("req", now), Address: clientaddr.Of(r).String()}
	w.Header().Set("X-Request-Id", entered.ID)
	return &Recorder{ResponseWriter: w}, r.WithContext(context.WithValue(r.Context(), requestKey{}, entered))
}

// From gives the request that a context belongs to; the zero value outside of
// one.
func From(ctx context.Context) Request {
	r, _ := ctx.Value(requestKey{}).(Request)
	return r
}

// Recorder remembers the status of an answer.
type Recorder struct {
	http.ResponseWriter
	Status int // 0 until something was sent
}

// WriteHeader remembers and passes on.
func (w *Recorder) WriteHeader(status int) {
	if w.Status == 0 {
		w.Status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write passes on; a first write without a status is a 200.
func (w *Recorder) Write(p []byte) (int, error) {
	if w.Status == 0 {
		w.Status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *Recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
