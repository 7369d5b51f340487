package console

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/problem"
)

// contentSecurityPolicy lets a page load what this console serves and nothing
// else: no inline script or style, no other origin, no framing.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxFormBytes bounds the body of a form.
const maxFormBytes = 256 << 10

// request is what a handler may know of the transport.
type request struct{ id, address string }

type requestKey struct{}

func requestFrom(ctx context.Context) request {
	r, _ := ctx.Value(requestKey{}).(request)
	return r
}

// door is what every request goes through: an ID, the headers that keep a
// browser safe, a bound on the body, a guard against forged requests, a log
// line, and a net under panics.
func (c *Console) door(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.fail(w, r, problem.New(problem.Forbidden, "This request came from another site.").
			WithHint("Open the console itself and try again there."))
	}))
	guarded := guard.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := c.config.Now()
		req := request{id: id.New("req", start), address: addressOf(r)}
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, req))
		safe(w.Header(), req.id)
		r.Body = http.MaxBytesReader(w, r.Body, maxFormBytes)
		recorder := &statusRecorder{ResponseWriter: w}
		defer c.finish(recorder, r, start)
		guarded.ServeHTTP(recorder, r)
	})
}

func safe(header http.Header, requestID string) {
	header.Set("Content-Security-Policy", contentSecurityPolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("X-Request-Id", requestID)
	header.Set("Cache-Control", "no-store")
}

// finish answers for a panic, and writes the log line. It names the route, not
// the path, which may have a sign-in link's token.
func (c *Console) finish(w *statusRecorder, r *http.Request, start time.Time) {
	if cause := recover(); cause != nil {
		c.config.Logger.ErrorContext(r.Context(), "page panicked", "request_id", requestFrom(r.Context()).id, "cause", cause)
		if w.status == 0 {
			c.fail(w, r, problem.From(nil))
		}
	}
	c.config.Logger.InfoContext(r.Context(), "page", "request_id", requestFrom(r.Context()).id,
		"route", r.Pattern, "status", w.status, "duration", c.config.Now().Sub(start))
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
