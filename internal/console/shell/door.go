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

// ContentSecurityPolicy lets a page only load what this console serves: no
// inline script or style, no other origin, no framing.
const ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// MaxFormBytes limits the body of a form.
const MaxFormBytes = 256 << 10

// door wraps a handler with what every request needs: an ID, security
// headers, a limit on the body, protection against cross-site requests, a log
// line, and recovery from panics.
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
		recorder, r := door.Enter(w, r, start) //nolint:contextcheck // the request carries the context
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

// AllowForms lets the forms of a page redirect to another origin. Browsers also
// check the redirects after a form.
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

// finish converts a panic to a response, and writes the log line. It names the route,
// not the path, which may have a sign-in link's token.
func (s *Shell) finish(w *door.Recorder, r *http.Request, start time.Time) {
	if cause := recover(); cause != nil {
		if cause == http.ErrAbortHandler { //nolint:errorlint // the exact value, as net/http requires
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
