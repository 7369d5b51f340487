package console

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/security"
)

// contentSecurityPolicy lets a page load what this console serves and nothing
// else: no inline script or style, no other origin, no framing.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// MaxFormBytes bounds the body of a form.
const MaxFormBytes = 256 << 10

// door is what every request goes through: an ID, the headers that keep a
// browser safe, a bound on the body, a guard against forged requests, a log
// line, and a net under panics.
func (c *Console) door(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := door.From(r.Context())
		c.record(r.Context(), security.Event{
			Kind: security.CSRFRefused, Address: from.Address, RequestID: from.ID,
			Reason: "A form was sent from another site.",
		})
		c.fail(w, r, problem.New(problem.Forbidden, "This request came from another site.").
			WithHint("Open the console itself and try again there."))
	}))
	guarded := guard.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := c.config.Now()
		visit, r := c.enterLimits(r)
		defer visit.Leave()
		recorder, r := door.Enter(w, r, start)
		safe(w.Header())
		r.Body = http.MaxBytesReader(w, r.Body, MaxFormBytes)
		defer c.finish(recorder, r, start)
		if err := c.admit(visit, r); err != nil {
			c.fail(recorder, r, err)
			return
		}
		guarded.ServeHTTP(recorder, r)
	})
}

// allowForms lets the forms of a page lead to another origin. Browsers also check
// the redirects that a form ends in.
func allowForms(w http.ResponseWriter, origin string) {
	if origin == "" {
		return
	}
	policy := strings.Replace(contentSecurityPolicy, "form-action 'self'", "form-action 'self' "+origin, 1)
	w.Header().Set("Content-Security-Policy", policy)
}

func safe(header http.Header) {
	header.Set("Content-Security-Policy", contentSecurityPolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
}

// finish turns a panic into a response, and writes the log line. It names the route, not
// the path, which may have a sign-in link's token.
func (c *Console) finish(w *door.Recorder, r *http.Request, start time.Time) {
	if cause := recover(); cause != nil {
		c.config.Logger.ErrorContext(r.Context(), "page panicked", "request_id", door.From(r.Context()).ID, "cause",
			cause)
		if w.Status == 0 {
			c.fail(w, r, problem.From(nil))
		}
	}
	c.config.Logger.InfoContext(r.Context(), "page", "request_id", door.From(r.Context()).ID,
		"route", r.Pattern, "status", w.Status, "duration", c.config.Now().Sub(start))
}

// SecurityLog records security events; *security.Log fulfils it.
type SecurityLog interface {
	Record(ctx context.Context, event security.Event)
}

// record records a security event.
func (c *Console) record(ctx context.Context, event security.Event) {
	if c.config.Log != nil {
		c.config.Log.Record(ctx, event)
	}
}
