package api

import (
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

// Handler returns the API's handler. It gives every request an ID and a log
// line, and recovers from panics.
func (a *API) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := a.config.Now()
		e := &exchange{outer: r.Pattern, sender: senderOf(r)}
		r = routed(r)
		e.enterLimits(a.config.Limiter, w, r)
		defer e.visit.Leave()
		recorder := e.Enter(&e.meter, r, start)
		r = r.WithContext(e) //nolint:contextcheck // Enter wrapped the request's context
		h := w.Header()
		h["X-Content-Type-Options"] = noSniff
		defer a.finish(recorder, r, start)
		h["Vary"] = varyByOrigin
		openTo(h, r, origin.Any)
		if isPreflight(r) {
			a.preflight(recorder, r)
			return
		}
		if e.sender.token == "" {
			if err := e.visit.Anonymous(); err != nil {
				a.writeError(recorder, r, err)
				return
			}
		}
		err := e.parseQuery(r)
		if err == nil {
			r, err = decoded(r)
		}
		switch {
		case err == nil:
			a.mux.ServeHTTP(recorder, r)
		case !a.mux.serves(r):
			a.refuseRoute(recorder, r)
		default:
			a.refuse(recorder, r, err)
		}
	})
}

// refuse writes the error of a request that no handler gets. An invalid query or header
// is a 400 on every route.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if err := a.refuseData(w, r, err); err != nil {
		a.writeError(w, r, err)
	}
}

// senderOf returns the sender of a request. A bearer token takes precedence over
// one in the query, which only the platform's routes accept.
func senderOf(r *http.Request) sender {
	from := sender{origin: r.Header.Get("Origin"), referer: r.Referer(), query: r.URL.RawQuery}
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "bearer") {
		from.token = strings.TrimSpace(token)
		return from
	}
	from.token, from.inQuery = queryToken(r)
	return from
}

// Headers of most answers, which handlers replace and never change.
var (
	noSniff      = []string{"nosniff"}
	varyByOrigin = []string{"Origin"}
)

// parseQuery parses the query. It escapes semicolons, which are part of values, and
// refuses malformed escapes. [url.URL.Query] leaves out both, so that a condition could
// get lost.
func (e *exchange) parseQuery(r *http.Request) (err error) {
	if strings.Contains(r.URL.RawQuery, ";") {
		plain := *r.URL
		plain.RawQuery = strings.ReplaceAll(plain.RawQuery, ";", "%3B")
		r.URL = &plain
	}
	if e.query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
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
