package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/origin"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// sender identifies the client of a request, as it describes itself.
type sender struct {
	token           string // empty when there is none
	inQuery         bool   // the token is in the query
	origin, referer string // of the web page, if one sent it
	query           string
}

type senderKey struct{}

func senderFrom(ctx context.Context) *sender {
	if s, ok := ctx.Value(senderKey{}).(*sender); ok {
		return s
	}
	return &sender{}
}

// tokenFrom is the token that a request brought; empty when it brought none.
func tokenFrom(ctx context.Context) string { return senderFrom(ctx).token }

// Handler returns the API with what every request goes through: an ID, a log
// line, and a net under panics.
func (a *API) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := a.config.Now()
		from := senderOf(r)
		r = routed(r).WithContext(context.WithValue(r.Context(), senderKey{}, from))
		visit, w, r := a.enterLimits(w, r)
		defer visit.Leave()
		recorder, r := door.Enter(w, r, start)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		defer a.finish(recorder, r, start)
		w.Header().Add("Vary", "Origin")
		openTo(w.Header(), r, origin.Any)
		if isPreflight(r) {
			a.preflight(recorder, r)
			return
		}
		if tokenFrom(r.Context()) == "" { //nolint:contextcheck // the request carries the context
			if err := visit.Anonymous(); err != nil {
				a.writeError(recorder, r, err)
				return
			}
		}
		if _, pattern := a.mux.Handler(r); pattern == "" {
			a.refuseRoute(recorder, r)
			return
		}
		r, err := decoded(r)
		if err != nil {
			a.writeError(recorder, r, err)
			return
		}
		a.mux.ServeHTTP(recorder, r)
	})
}

// senderOf returns who sent a request. A bearer token wins over one in the query,
// which only the platform's routes take.
func senderOf(r *http.Request) *sender {
	from := &sender{origin: r.Header.Get("Origin"), referer: r.Referer(), query: r.URL.RawQuery}
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "bearer") {
		from.token = strings.TrimSpace(token)
		return from
	}
	from.token = queryToken(r)
	from.inQuery = from.token != ""
	return from
}

// finish turns a panic into a response, and writes the log line. The query is left out:
// it may have a token.
func (a *API) finish(w *door.Recorder, r *http.Request, start time.Time) {
	if cause := recover(); cause != nil {
		if cause == http.ErrAbortHandler { //nolint:errorlint // the very value, as net/http asks
			panic(cause)
		}
		a.config.Logger.ErrorContext(r.Context(), telemetry.HandlerPanicked, "cause",
			cause)
		if w.Status == 0 {
			a.writeError(w, r, problem.From(nil))
		}
	}
	took := a.config.Now().Sub(start)
	if a.config.Observe != nil {
		a.config.Observe(r.Method, r.Pattern, w.Outcome(r), took)
	}
	w.Log(r, a.config.Logger, telemetry.RequestServed, took)
}
