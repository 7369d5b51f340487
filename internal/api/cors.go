package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/origin"
	"github.com/windlass-io/windlass/internal/problem"
)

// Cross-origin requests of web pages, according to the Fetch Standard. The API uses no cookies,
// so it never sends Access-Control-Allow-Credentials. A page needs a token, and the token names
// its pages.

const (
	allowedHeaders = "Authorization, Content-Type, Accept, Prefer, If-None-Match, If-Match, Windlass-If-Version, " +
		"Idempotency-Key, Last-Event-ID, X-Client-Info, Accept-Profile, Content-Profile"
	exposedHeaders = "Link, ETag, Content-Range, Location, Retry-After, RateLimit, RateLimit-Policy, " +
		"Preference-Applied, Windlass-Next-Cursor, Windlass-Dataset-Version, Windlass-Truncated, Idempotency-Replayed"
	preflightSeconds = "7200"
)

// asksForScript reports whether the request is for a script (JSONP), which browsers load
// without an Origin.
func (s *sender) asksForScript() bool {
	query, _ := url.ParseQuery(s.query)
	for name := range query {
		if strings.EqualFold(name, "callback") {
			return true
		}
	}
	return false
}

// openTo lets pages of an origin read the answer, if a page asks.
func openTo(header http.Header, r *http.Request, allowed string) {
	if r.Header.Get("Origin") != "" {
		header.Set("Access-Control-Allow-Origin", allowed)
		header.Set("Access-Control-Expose-Headers", exposedHeaders)
	}
}

// isPreflight reports whether a request is a browser's CORS preflight.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" &&
		r.Header.Get("Access-Control-Request-Method") != ""
}

// preflight serves preflights of every route, without a token. The token of the
// actual request decides.
func (a *API) preflight(w http.ResponseWriter, r *http.Request) {
	methods := a.methods(r)
	if len(methods) == 0 {
		a.refuseRoute(w, r)
		return
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin.Any)
	h.Set("Access-Control-Allow-Methods", strings.Join(methods, ", "))
	h.Set("Access-Control-Allow-Headers", allowedHeaders)
	h.Set("Access-Control-Max-Age", preflightSeconds)
	h.Add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers")
	w.WriteHeader(http.StatusNoContent)
}

// methods returns the methods that the path of a request supports.
func (a *API) methods(r *http.Request) []string {
	var methods []string
	for _, method := range []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	} {
		probe := &http.Request{Method: method, URL: &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath}, Host: r.Host}
		if a.mux.serves(probe) {
			methods = append(methods, method)
		}
	}
	return methods
}

// admitPage refuses a token that the requesting page may not use.
func (a *API) admitPage(ctx context.Context, actor *access.Actor) error {
	from := senderFrom(ctx)
	if from.origin != "" && from.origin == a.ownOrigin {
		return nil
	}
	err := a.checkOrigin(ctx, actor, from)
	if err == nil && actor.Pages != nil && !actor.Pages.AllowsReferer(from.referer) {
		err = problem.New(problem.Unauthenticated, "Denied Referer").WithReason("referer_denied").
			WithHint("Use the token on a page that it allows, or add the page to the token's allowed referers.")
	}
	if err != nil && a.config.PageDenied != nil {
		a.config.PageDenied(ctx, actor, from.origin)
	}
	return err
}

func (a *API) checkOrigin(ctx context.Context, actor *access.Actor, from *sender) error {
	const hint = "Add the origin to the token's allowed origins, under API tokens in the console."
	switch pages := actor.Pages; {
	case from.origin == "" && pages != nil && !pages.AllowsRefererOrigin(from.referer) && from.asksForScript():
		return denied("A page outside the token's allowed origins requested a script.", hint)
	case from.origin == "":
		return nil
	case pages == nil:
		return denied("A web page can't use this kind of token. Do not put a secret token in a web page.",
			"Create a publishable token for the page, and revoke this one if others can see it.")
	case !pages.AllowsOrigin(from.origin):
		return denied("The token isn't for pages of "+shown(from.origin)+".", hint)
	case !pages.AllowsEvery():
		visitOf(ctx).header.Set("Access-Control-Allow-Origin", from.origin)
	}
	return nil
}

func denied(message, hint string) error {
	return problem.New(problem.Forbidden, "%s", message).WithReason("origin_denied").WithHint("%s", hint)
}

// shown shortens the origin that a client sent.
func shown(text string) string {
	const most = 100
	if len(text) > most || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "that origin"
	}
	return text
}

// originOf returns the origin of an address; empty when there is none.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
