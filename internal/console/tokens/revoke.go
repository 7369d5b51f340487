package tokens

import (
	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/token"
)

// tokenRevocation revokes a token.
func (h *Handlers) tokenRevocation(v *shell.Visit) (*shell.Removal, error) {
	id := v.PathValue("id")
	measured, err := h.Tokens.Impact(v.Context(), v.Actor, v.Workspace, id)
	if err != nil {
		return nil, err
	}
	if measured.Harmless() { // it has ended, so there is nothing to ask
		return nil, access.Missing("token", id)
	}
	last, err := h.isLastSecret(v, id)
	if err != nil {
		return nil, err
	}
	keeps := "Apps that use it get 401 at once. This can’t be undone."
	if last {
		keeps = "It is the only active secret token. " + keeps
	}
	return &shell.Removal{
		Page: &shell.RemovePage{
			Frame: h.Frame(v, "Revoke "+measured.Confirm, "/tokens", page.Crumb{Name: "API tokens", Path: "/tokens"},
				page.Crumb{Name: "Revoke " + measured.Confirm}),
			Question: "Revoke the token “" + measured.Confirm + "”?", Verb: "Revoke token", Icon: "ban",
			Action: "/tokens/" + id + "/revoke", Back: "/tokens",
			Keeps: keeps, Type: last,
		},
		Measure: func() (impact.Impact, error) { return measured, nil },
		Act: func(given impact.Confirmation) error {
			return h.Tokens.Revoke(v.Context(), v.Actor, v.Workspace, id, given)
		},
		Done: "/tokens?done=token-revoked",
	}, nil
}

// isLastSecret reports whether no other secret token of the workspace works, as
// far as the member sees.
func (h *Handlers) isLastSecret(v *shell.Visit, id string) (bool, error) {
	found, err := h.Tokens.List(v.Context(), v.Actor, v.Workspace, paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return false, err
	}
	secret := false
	for n := range found.Items {
		t := &found.Items[n]
		works := t.Kind == token.Secret && t.RevokedAt.IsZero() && (t.ExpiresAt.IsZero() || t.ExpiresAt.After(h.Now()))
		if works && t.ID != id {
			return false, nil
		}
		secret = secret || works
	}
	return secret, nil
}
