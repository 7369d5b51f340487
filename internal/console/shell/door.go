package shell

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/security"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// ContentSecurityPolicy lets a page load what this console serves and nothing
// else: no inline script or style, no other origin, no framing.
const ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// MaxFormBytes bounds the body of a form.
const MaxFormBytes = 256 << 10

// door is what every request goes through: an ID, the headers that keep a
// browser safe, a bound on the body, a guard against forged requests, a log
// line, and a net under panics.
func (s *Shell) door(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := door.From(r.Context())
		s.record(r.Context(), security.Event{
			Kind: security.CSRFRefused, Address: from.Address, RequestID: from.ID,
			Reason: "A form was sent from another site.",
		})
		s.Fail(w, r, problem.New(problem.Forbidden, "This request came from another site.").
			WithHint("Open the console directly and try again there."))
	}))
	guarded := guard.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.config.Now()
		visit, r := s.enterLimits(r)
		defer visit.Leave()
		recorder, r := door.Enter(w, r, start)
		safe(w.Header())
		r.Body = http.MaxBytesReader(w, r.Body, MaxFormBytes)
		defer s.finish(recorder, r, start)
		if err := s.admit(visit, r); err != nil {
			s.Fail(recorder, r, err)
			return
		}
		guarded.ServeHTTP(recorder, r)
	})
}

// AllowForms lets the forms of a page lead to another origin. Browsers also check
// the redirects that a form ends in.
func AllowForms(w http.ResponseWriter, origin string) {
	if origin == "" {
		return
	}
	policy := strings.Replace(ContentSecurityPolicy, "form-action 'self'", "form-action 'self' "+origin, 1)
	w.Header().Set("Content-Security-Policy", policy)
}

func safe(header http.Header) {
	header.Set("Content-Security-Policy", ContentSecurityPolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
}

// finish turns a panic into a response, and writes the log line. It names the route, not
// the path, which may have a sign-in link's token.
func (s *Shell) finish(w *door.Recorder, r *http.Request, start time.Time) {
	if cause := recover(); cause != nil {
		if cause == http.ErrAbortHandler { //nolint:errorlint // the very value, as net/http asks
			panic(cause)
		}
		s.config.Logger.ErrorContext(r.Context(), telemetry.HandlerPanicked, "cause",
			cause)
		if w.Status == 0 {
			s.Fail(w, r, problem.From(nil))
		}
	}
	took := s.config.Now().Sub(start)
	if s.config.Observe != nil {
		s.config.Observe(r.Method, r.Pattern, w.Outcome(r), took)
	}
	w.Log(r, s.config.Logger, telemetry.PageServed, took)
}

// SecurityLog records security events; *security.Log implements it.
type SecurityLog interface {
	Record(ctx context.Context, event security.Event)
}

// record records a security event.
func (s *Shell) record(ctx context.Context, event security.Event) {
	if s.config.Log != nil {
		s.config.Log.Record(ctx, event)
	}
}
