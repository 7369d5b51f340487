package access_test

import (
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/access/accesstest"
)

// TestCases decides every case but those of expired and revoked tokens, which
// never become actors; package token has them all.
func TestCases(t *testing.T) {
	t.Parallel()
	checker := access.NewChecker(&kept{}, func() time.Time { return noon })
	for _, c := range accesstest.Cases(t) {
		if c.Actor.Expired || c.Actor.Revoked {
			continue
		}
		actor := access.Actor{
			Kind: c.Kind(), ID: "tok_1", Workspace: "ws_1", Member: "mem_1", Role: c.Actor.Role, Fresh: true,
			Operator: c.Actor.Operator, Scopes: c.Scopes(t),
		}
		switch {
		case actor.Kind == access.System:
			actor = access.Actor{Kind: access.System, ID: c.Actor.Component}
		case actor.Kind == access.Anonymous:
			actor = access.Actor{Kind: access.Anonymous}
		case actor.Kind == access.Workload || c.Actor.Maker == "removed":
			actor.Member = ""
		}
		c.Check(t, checker.Check(t.Context(), actor, c.Action, c.On(t, "ws_1", "mem_1")))
	}
}
