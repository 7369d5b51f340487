package impact

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
)

// Look checks that the actor may see the impact of an act on a resource. The
// actor must be allowed the act itself, because an impact names tokens and
// other things that the actor may not list. An allowed look is recorded as
// read, which is what happens; a refused one as the act.
func Look(ctx context.Context, checker access.Checker, actor access.Actor, act, read access.Action,
	resource access.Resource,
) error {
	if !access.Allowed(actor, act, resource) {
		return checker.Check(ctx, actor, act, resource)
	}
	return checker.Check(ctx, actor, read, resource)
}
