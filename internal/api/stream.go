package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
)

// recheck is how often the token of an event stream is looked up again: a
// revocation ends the stream within 2 seconds.
const recheck = time.Second

// errChanged ends a request whose token can do other things than when it began.
var errChanged = problem.New(problem.Conflict, "The token's rights changed while the request waited.").
	WithHint("Send the request again.")

// stream makes a request an event stream. The context that it returns ends with
// the request, after an hour, and as soon as the token can do other things than
// at the beginning; its cause says why. Whoever calls it calls cancel.
func (a *API) stream(r *http.Request, actor *access.Actor) (ctx context.Context, cancel context.CancelFunc, err error) {
	ctx, release, err := visitOf(r.Context()).Stream(r.Context(), cmp.Or(actor.Token, actor.ID))
	if err != nil {
		return ctx, release, err
	}
	ctx, end := context.WithCancelCause(ctx)
	began := *actor
	go a.endWithToken(ctx, end, tokenFrom(ctx), &began)
	return ctx, func() { end(nil); release() }, nil
}

// endWithToken cancels when the token no longer works, or works differently, and
// when that can't be known.
func (a *API) endWithToken(ctx context.Context, end context.CancelCauseFunc, token string, began *access.Actor) {
	ticker := time.NewTicker(recheck)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := a.recheckToken(ctx, token, began); err != nil {
			end(err)
			return
		}
	}
}

// recheckToken returns why a request that began with a token doesn't go on.
func (a *API) recheckToken(ctx context.Context, token string, began *access.Actor) error {
	now, err := a.config.Authenticator.Authenticate(ctx, token)
	if err == nil && (now.Role != began.Role || !slices.Equal(now.Scopes, began.Scopes)) {
		return errChanged
	}
	return err
}
