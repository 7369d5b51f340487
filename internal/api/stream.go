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

// recheck is the interval for looking up the token of an event stream again.
// A revocation ends the stream within 2 seconds.
const recheck = time.Second

// errChanged ends a request when its token's permissions change.
var errChanged = problem.New(problem.Conflict, "The token's rights changed while the request waited.").
	WithHint("Send the request again.")

// stream turns a request into an event stream. The returned context ends with
// the request, after an hour, when the token's permissions change, and when the
// token has used its quota; its cause has the reason. The caller calls cancel.
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

// endWithToken cancels when the token no longer works, when its permissions
// change, or when that can't be checked.
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

// recheckToken returns the reason why a request can't continue with its
// token, or nil.
func (a *API) recheckToken(ctx context.Context, token string, began *access.Actor) error {
	now, err := a.config.Authenticator.Authenticate(ctx, token)
	if err == nil && (now.Role != began.Role || !slices.Equal(now.Scopes, began.Scopes)) {
		return errChanged
	}
	if err != nil || a.config.Usage == nil || !isCounted(ctx) {
		return err
	}
	return a.config.Usage.CheckQuota(ctx, now.Workspace, now.Token, now.Limits)
}
