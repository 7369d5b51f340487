package tokens

import (
	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/impact"
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
	return &shell.Removal{
		Page: &shell.RemovePage{
			Frame: h.Frame(v, "Revoke "+measured.Confirm, "/tokens", page.Crumb{Name: "API tokens", Path: "/tokens"},
				page.Crumb{Name: "Revoke " + measured.Confirm}),
			Question: "Revoke the token “" + measured.Confirm + "”?", Verb: "Revoke token", Icon: "ban",
			Action: "/tokens/" + id + "/revoke", Back: "/tokens",
			Keeps: "Apps that use it get 401 at once. This can’t be undone.",
		},
		Measure: func() (impact.Impact, error) { return measured, nil },
		Act: func(given impact.Confirmation) error {
			return h.Tokens.Revoke(v.Context(), v.Actor, v.Workspace, id, given)
		},
		Done: "/tokens?done=token-revoked",
	}, nil
}
