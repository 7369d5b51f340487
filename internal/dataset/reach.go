package dataset

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
)

// Reach returns a dataset by its name, ignoring case, or its ID, for an action that
// the actor wants to perform on it. It records the access decision.
func (s *Service) Reach(ctx context.Context, actor access.Actor, action access.Action, workspace, nameOrID string) (
	Dataset, error,
) {
	return s.reach(ctx, actor, action, workspace, nameOrID)
}
