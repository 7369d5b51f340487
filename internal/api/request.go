package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/origin"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// sender has what a request says about its client.
type sender struct {
	token           string // empty when there is none
	inQuery         bool   // the token is in the query, perhaps an empty one
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

// tokenFrom returns the token of a request, or "".
func tokenFrom(ctx context.Context) string { return senderFrom(ctx).token }

// Handler returns the API's handler. It gives every request an ID and a log
// line, and recovers from panics.
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
		if err := plainQuery(r); err != nil {
			_ = a.refuseData(recorder, r, err) // 400 on every route
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

// senderOf returns the sender of a request. A bearer token takes precedence over
// one in the query, which only the platform's routes accept.
func senderOf(r *http.Request) *sender {
	from := &sender{origin: r.Header.Get("Origin"), referer: r.Referer(), query: r.URL.RawQuery}
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "bearer") {
		from.token = strings.TrimSpace(token)
		return from
	}
	from.token, from.inQuery = queryToken(r)
	return from
}

// plainQuery escapes the semicolons of a query, which are part of values, and refuses
// malformed escapes. [url.URL.Query] leaves out both, so that a condition could get lost.
func plainQuery(r *http.Request) error {
	if strings.Contains(r.URL.RawQuery, ";") {
		plain := *r.URL
		plain.RawQuery = strings.ReplaceAll(plain.RawQuery, ";", "%3B")
		r.URL = &plain
	}
	if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
		return problem.Wrap(err, problem.Invalid, "The query string has a malformed escape.").
			WithReason("invalid_value").WithHint("Percent-encode the names and values of parameters.")
	}
	return nil
}

// finish converts a panic to a response, and writes the log line. It leaves out the
// query, which may have a token.
func (a *API) finish(w *door.Recorder, r *http.Request, start time.Time) {
	if cause := recover(); cause != nil {
		if cause == http.ErrAbortHandler { //nolint:errorlint // the exact value, as net/http requires
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
