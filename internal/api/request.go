package api

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/problem"
)

// request is what a handler may know of the transport.
type request struct {
	id      string
	address string
	token   string
}

type requestKey struct{}

func requestFrom(ctx context.Context) request {
	r, _ := ctx.Value(requestKey{}).(request)
	return r
}

// Handler gives the API with what every request goes through: an ID, a log
// line, and a net under panics.
func (a *API) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := a.config.Now()
		req := request{id: id.New("req", start), address: addressOf(r), token: tokenOf(r)}
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, req))
		w.Header().Set("X-Request-Id", req.id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		recorder := &statusRecorder{ResponseWriter: w}
		defer a.finish(recorder, r, start)
		a.mux.ServeHTTP(recorder, r)
	})
}

// finish answers for a panic, and writes the log line. The query is left out:
// it may have a token.
func (a *API) finish(w *statusRecorder, r *http.Request, start time.Time) {
	if cause := recover(); cause != nil {
		if cause == http.ErrAbortHandler { //nolint:errorlint // the very value, as net/http asks
			panic(cause)
		}
		a.config.Logger.ErrorContext(r.Context(), "handler panicked", "request_id", requestFrom(r.Context()).id, "cause", cause)
		if w.status == 0 {
			a.writeError(w, r, problem.From(nil))
		}
	}
	took := a.config.Now().Sub(start)
	if a.config.Observe != nil {
		a.config.Observe(r.Context(), r.Method, r.Pattern, w.status, took)
	}
	a.config.Logger.InfoContext(r.Context(), "request", "request_id", requestFrom(r.Context()).id,
		"method", r.Method, "path", r.URL.Path, "status", w.status, "duration", took)
}

// tokenOf finds the token of a request: the bearer, or for reads of data the
// query's "token".
func tokenOf(r *http.Request) string {
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "bearer") {
		return strings.TrimSpace(token)
	}
	if strings.HasPrefix(r.URL.Path, "/v1/data/") && r.Method == http.MethodGet {
		return r.URL.Query().Get("token")
	}
	return ""
}

func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// statusRecorder remembers the status for the log line.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader remembers and passes on.
func (w *statusRecorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write passes on; a first write without a status is a 200.
func (w *statusRecorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *statusRecorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
