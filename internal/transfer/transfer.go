// Package transfer bounds how long a client may take to send a request's body
// and to take the answer. Each read and each write has a deadline of its own,
// so that a client that keeps going is never cut off, however long the answer
// is, and one that stops is.
//
//	body    silence of 30 s; a document whole after 60 s; an upload at least 16 KiB/s
//	answer  30 s for each piece of at most 16 KiB; streams too
package transfer

import (
	"context"
	"net/http"
	"time"
)

// Config is how patient the service is. Every field is required, but Slow.
type Config struct {
	ReadIdle  time.Duration // without a byte of the body
	WriteIdle time.Duration // without a byte of the answer taken
	Whole     time.Duration // for a document's whole body
	MinRate   int64         // bytes a second that an upload must reach after Grace
	Grace     time.Duration
	Now       func() time.Time
	// Slow, optional, is called when a client is cut off.
	Slow func(ctx context.Context, reason string)
}

// Reasons for [Config.Slow]; they are also the label of a metric.
const (
	ReasonBody   = "slow_body"
	ReasonReader = "slow_reader"
)

// slow reports a client that is cut off.
func (c *Config) slow(ctx context.Context, reason string) {
	if c.Slow != nil {
		c.Slow(ctx, reason)
	}
}

type bodyKey struct{}

// Upload marks the body of a request as an upload: it may take as long as
// it keeps up the lowest rate.
func Upload(r *http.Request) {
	if b, ok := r.Context().Value(bodyKey{}).(*body); ok {
		b.upload = true
	}
}

// Handler sets the deadlines of every request that goes to next.
func Handler(next http.Handler, config Config) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		controller := http.NewResponseController(w)
		out := &writer{
			ResponseWriter: w, config: &config, controller: controller, ctx: r.Context(),
			strict: r.ProtoMajor >= 2,
		}
		if !out.strict { // the connection still has the deadline of the request before
			out.extend()
		}
		in := newBody(r, &config, controller)
		if in != nil {
			out.body = in
			r = r.WithContext(context.WithValue(r.Context(), bodyKey{}, in))
			r.Body = in
		}
		defer func() { // net/http still sends what is buffered, and drops the rest of the body
			out.extend()
			in.finish()
		}()
		next.ServeHTTP(out, r)
	})
}
