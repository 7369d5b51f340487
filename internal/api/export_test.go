package api

import (
	"context"
	"net/http"

	"github.com/windlass-io/windlass/internal/access"
)

// Patterns returns the registered routes, for tests.
func (a *API) Patterns() []string { return a.mux.patterns }

// EndOf waits until a stream that began with a token ends, and returns the reason.
func (a *API) EndOf(r *http.Request, token string, began *access.Actor) string {
	ctx, end := context.WithCancelCause(r.Context())
	a.endWithToken(ctx, end, token, began)
	return reasonOf(ctx, r)
}
