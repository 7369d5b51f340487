package api

import (
	"context"
	"net/http"
	"net/url"

	"github.com/windlass-io/windlass/internal/clientaddr"
	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/limit"
	"github.com/windlass-io/windlass/internal/usage"
)

// exchange is a request on its way through the API, with its answer. It is the
// request's context: one value for all parts, because each further context costs a
// read a copy of its request.
type exchange struct {
	door.Context

	outer  string // the pattern that led to the API
	sender sender
	visit  visit
	meter  meter
	query  url.Values // nil: not parsed
	usage  *counted   // nil: the request doesn't count as usage
}

type exchangeKey struct{}

// exchangeOf returns the exchange of a request. Outside of [API.Handler] it returns an
// empty one, which limits and counts nothing.
func exchangeOf(ctx context.Context) *exchange {
	if e, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return e
	}
	return &exchange{visit: visit{header: http.Header{}}}
}

// enterLimits begins the visit of a request. Bytes written to the meter count for it.
// The caller calls Leave.
func (e *exchange) enterLimits(limiter *limit.Limiter, w http.ResponseWriter, r *http.Request) {
	limiter.Enter(&e.visit.Visit, clientaddr.Of(r).Key())
	e.visit.header = w.Header()
	e.meter = meter{w, &e.visit.Visit}
}

// Value returns the exchange, its note of usage, and the values of the door's context.
func (e *exchange) Value(key any) any {
	switch key.(type) {
	case exchangeKey:
		return e
	case usage.NoteKey:
		if e.usage != nil {
			return &e.usage.note
		}
	}
	return e.Context.Value(key)
}

// senderFrom returns the sender of a request.
func senderFrom(ctx context.Context) *sender { return &exchangeOf(ctx).sender }

// tokenFrom returns the token of a request, or "".
func tokenFrom(ctx context.Context) string { return senderFrom(ctx).token }

// visitOf returns the visit of a request.
func visitOf(ctx context.Context) *visit { return &exchangeOf(ctx).visit }
