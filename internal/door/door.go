// Package door prepares every HTTP request of the API and the console: it
// assigns a request ID, finds the client's address, and records the status of
// the response for the log.
package door

import (
	"context"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/clientaddr"
	"github.com/windlass-io/windlass/internal/id"
)

// Request contains what handlers need to know about the transport.
type Request struct {
	ID      string // "req_…", also in the X-Request-Id header of the response and in the log
	Address string // IP address of the client, from package clientaddr
}

type requestKey struct{}

// Enter assigns a request its ID, adds the ID to the response's header, and
// stores both in the request's context for [From].
func Enter(w http.ResponseWriter, r *http.Request, now time.Time) (*Recorder, *http.Request) {
	entered := Request{ID: id.New("req", now), Address: clientaddr.Of(r).String()}
	w.Header().Set("X-Request-Id", entered.ID)
	return &Recorder{ResponseWriter: w}, r.WithContext(context.WithValue(r.Context(), requestKey{}, entered))
}

// From returns the request of a context. It returns the zero value if there is
// none.
func From(ctx context.Context) Request {
	r, _ := ctx.Value(requestKey{}).(Request)
	return r
}

// Recorder records the status of a response.
type Recorder struct {
	http.ResponseWriter
	Status int // 0 until the header is written
}

// WriteHeader records the status and writes the header.
func (w *Recorder) WriteHeader(status int) {
	if w.Status == 0 {
		w.Status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write writes to the response. Without a status, it records 200.
func (w *Recorder) Write(p []byte) (int, error) {
	if w.Status == 0 {
		w.Status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap returns the underlying writer, for http.ResponseController.
func (w *Recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
