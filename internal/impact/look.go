package impact

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
)

// Checker decides and records; see package access.
type Checker interface {
	Check(ctx context.Context, actor access.Actor, action access.Action, resource access.Resource) error
}

// Look checks that the actor may see the impact of an act on a resource. The
// actor must be allowed the act itself, because an impact names tokens and
// other things that the actor may not list. An allowed look is recorded as
// read, which is what happens; a refused one as the act.
func Look(ctx context.Context, checker Checker, actor access.Actor, act, read access.Action, resource access.Resource) error {
	if !mayAct(ctx, actor, act, resource) {
		return checker.Check(ctx, actor, act, resource)
	}
	return checker.Check(ctx, actor, read, resource)
}

// mayAct reports whether the act is allowed, without recording the decision.
func mayAct(ctx context.Context, actor access.Actor, act access.Action, resource access.Resource) bool {
	return access.NewChecker(unrecorded{}, noTime).Check(ctx, actor, act, resource) == nil
}

// noTime is the clock of decisions that nobody keeps.
func noTime() time.Time { return time.Time{} }

// unrecorded discards decisions.
type unrecorded struct{}

func (unrecorded) Record(context.Context, access.Decision) error { return nil }
