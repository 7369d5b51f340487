package console

import (
	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
)

// tokenRevocation revokes a token.
func (c *Console) tokenRevocation(v *visit) (*removal, error) {
	id := v.PathValue("id")
	measured, err := c.config.Tokens.Impact(v.Context(), v.actor, v.workspace, id)
	if err != nil {
		return nil, err
	}
	if measured.Harmless() { // it has ended, so there is nothing to ask
		return nil, access.Missing("token", id)
	}
	return &removal{
		page: &removePage{
			shell: c.shell(v, "Revoke "+measured.Confirm, "/tokens", crumb{"API tokens", "/tokens"},
				crumb{Name: "Revoke " + measured.Confirm}),
			Question: "Revoke the token “" + measured.Confirm + "”?", Verb: "Revoke token", Icon: "ban",
			Action: "/tokens/" + id + "/revoke", Back: "/tokens",
			Keeps: "Apps that use it get 401 at once. This can’t be undone.",
		},
		measure: func() (impact.Impact, error) { return measured, nil },
		act: func(given impact.Confirmation) error {
			return c.config.Tokens.Revoke(v.Context(), v.actor, v.workspace, id, given)
		},
		done: "/tokens?done=token-revoked",
	}, nil
}
