// Package door prepares every HTTP request of the API and the console: it
// assigns a request ID, finds the client's address, and records the status of
// the response for the log.
package door

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"time"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/windlass-io/windlass/internal/clientaddr"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/telemetry"
	"github.com/windlass-io/windlass/internal/telemetry/traces"
)

// Request contains what handlers need to know about the transport.
type Request struct {
	// ID is "req_…", or the X-Request-Id of a trusted proxy. It is also in the
	// X-Request-Id header of the response and in the log.
	ID      string
	Address string // IP address of the client, from package clientaddr
}

// foreignID matches the X-Request-Ids that are accepted.
var foreignID = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// Context is the context of a request, with what the door knows about it. It is one
// value, because every request needs it. The zero value is ready for Enter.
type Context struct {
	context.Context

	request  Request
	recorder Recorder
}

type contextKey struct{}

// Enter assigns a request its ID, adds the ID to the response's header, and
// stores both in the request's context for [From].
//
// Records in the log have the ID as request_id, and the ID of the trace that the
// header traceparent names as trace_id.
func Enter(w http.ResponseWriter, r *http.Request, now time.Time) (*Recorder, *http.Request) {
	c := &Context{}
	return c.Enter(w, r, now), r.WithContext(c)
}

// Enter is the function Enter for a request whose context becomes c, or a context
// that wraps c.
func (c *Context) Enter(w http.ResponseWriter, r *http.Request, now time.Time) *Recorder {
	client := clientaddr.Of(r)
	c.Context = r.Context()
	if r.Header["Traceparent"] != nil {
		c.Context = propagation.TraceContext{}.Extract(c.Context, propagation.HeaderCarrier(r.Header))
	}
	c.request = Request{ID: id.New("req", now), Address: client.String()}
	if sent := r.Header.Get("X-Request-Id"); client.Proxied && foreignID.MatchString(sent) {
		c.request.ID = sent
	}
	w.Header().Set("X-Request-Id", c.request.ID)
	c.recorder = Recorder{ResponseWriter: w}
	if traces.On() {
		c.Context, c.recorder.span = traces.Begin(c.Context, "HTTP "+r.Method)
	}
	return &c.recorder
}

// Value returns the request's attributes for the log, and the values of the
// request's original context.
func (c *Context) Value(key any) any {
	switch key.(type) {
	case contextKey:
		return c
	case telemetry.AttributesKey:
		return c.attributes()
	}
	return c.Context.Value(key)
}

func (c *Context) attributes() []slog.Attr {
	attributes := slices.Clip(telemetry.Attributes(c.Context))
	attributes = append(attributes, slog.String("request_id", c.request.ID))
	if traced := trace.SpanContextFromContext(c.Context); traced.HasTraceID() {
		attributes = append(attributes, slog.String("trace_id", traced.TraceID().String()))
	}
	return attributes
}

// of returns the door's context in a context, or nil if there is none.
func of(ctx context.Context) *Context {
	c, _ := ctx.Value(contextKey{}).(*Context)
	return c
}

// From returns the request of a context. It returns the zero value if there is
// none.
func From(ctx context.Context) Request {
	if c := of(ctx); c != nil {
		return c.request
	}
	return Request{}
}

// Recorder records the status and size of a response.
type Recorder struct {
	http.ResponseWriter
	Status int   // 0 until the header is written
	Bytes  int64 // of the body, so far

	actorKind, token string
	span             traces.Span
}

// Sent returns the status of the response and the bytes of its body so far; or
// zeros if there is none.
func Sent(ctx context.Context) (status int, bytes int64) {
	if c := of(ctx); c != nil {
		return c.recorder.Status, c.recorder.Bytes
	}
	return 0, 0
}

// SetActor adds the sender of a request to its log record: the kind of actor, and
// the ID of the token, which is empty in a session.
func SetActor(ctx context.Context, kind, token string) {
	if c := of(ctx); c != nil {
		c.recorder.actorKind, c.recorder.token = kind, token
	}
}

// Log writes the record of a request that ended, and ends its span. It names the route, not the path or
// the query, which may have tokens and values of rows.
func (w *Recorder) Log(r *http.Request, logger *slog.Logger, message string, took time.Duration) {
	attributes := append(
		make([]slog.Attr, 0, 8), slog.String("method", r.Method), slog.String("route", r.Pattern),
		slog.Int("status", w.Outcome(r)), slog.Int64("bytes", w.Bytes), slog.Duration("duration", took),
	)
	if w.actorKind != "" {
		attributes = append(attributes, slog.String("actor_kind", w.actorKind))
	}
	if w.token != "" {
		attributes = append(attributes, slog.String("token", w.token))
	}
	logger.LogAttrs(r.Context(), slog.LevelInfo, message, attributes...)
	w.span.EndRequest(r.Method, r.Pattern, w.Outcome(r))
}

// ClientLeft is the status, in the log and the metrics, of a request whose client
// left before the response.
const ClientLeft = 499

// Outcome returns the status for the log and the metrics.
func (w *Recorder) Outcome(r *http.Request) int {
	left := errors.Is(r.Context().Err(), context.Canceled)
	if left && (w.Status == 0 || w.Status >= http.StatusInternalServerError) {
		return ClientLeft
	}
	if w.Status == 0 {
		return http.StatusOK
	}
	return w.Status
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
	n, err := w.ResponseWriter.Write(p)
	w.Bytes += int64(n)
	return n, err
}

// Unwrap returns the underlying writer, for http.ResponseController.
func (w *Recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
