// Package transfer limits how long a client may take to send a request's body
// and to receive the response. Each read and each write has its own deadline,
// so that a client that stops is disconnected, and one that continues never
// is, however long the response.
//
//	body      silence of 30 s; a document whole after 60 s; an upload at least 16 KiB/s
//	response  30 s for each piece of at most 16 KiB; streams too
package transfer

import (
	"context"
	"net/http"
	"time"
)

// Config has the time limits. Every field except Slow is required.
type Config struct {
	ReadIdle  time.Duration // without a byte of the body
	WriteIdle time.Duration // without a received byte of the response
	Whole     time.Duration // for a document's whole body
	MinRate   int64         // bytes a second that an upload must reach after Grace
	Grace     time.Duration
	Now       func() time.Time
	// Slow is called when a client is disconnected. Optional.
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

// Upload marks the body of a request as an upload: it may take any time at
// the minimum rate.
func Upload(r *http.Request) {
	if b, ok := r.Context().Value(bodyKey{}).(*body); ok {
		b.upload = true
	}
}

// Handler sets the deadlines of each request and calls next.
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
		defer func() { // net/http still sends the buffer, and discards the rest of the body
			out.extend()
			in.finish()
		}()
		next.ServeHTTP(out, r)
	})
}
