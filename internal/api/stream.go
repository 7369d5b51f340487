package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/access"
)

// recheck is how often the token of an event stream is looked up again: a
// revocation ends the stream within 2 seconds.
const recheck = time.Second

// stream makes a request an event stream. The context that it returns ends with
// the request, after an hour, and as soon as the token can do other things than
// at the beginning. Whoever calls it calls cancel.
func (a *API) stream(r *http.Request, actor *access.Actor) (ctx context.Context, cancel context.CancelFunc, err error) {
	ctx, cancel, err = visitOf(r.Context()).Stream(r.Context(), cmp.Or(actor.Token, actor.ID))
	if err != nil {
		return ctx, cancel, err
	}
	began := *actor
	go a.endWithToken(ctx, cancel, tokenFrom(ctx), &began)
	return ctx, cancel, nil
}

// endWithToken cancels when the token no longer works, or works differently.
func (a *API) endWithToken(ctx context.Context, cancel context.CancelFunc, token string, began *access.Actor) {
	ticker := time.NewTicker(recheck)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now, err := a.config.Authenticator.Authenticate(ctx, token)
		if err != nil || now.Role != began.Role || !slices.Equal(now.Scopes, began.Scopes) {
			cancel()
			return
		}
	}
}
