package load

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/id"
)

// PrepareFirst returns the load that [Service.Start] would queue, of a feed that isn't stored
// yet. Whoever stores it calls [Service.Nudge].
func (s *Service) PrepareFirst(ctx context.Context, actor access.Actor, of feed.Feed) (Load, error) {
	if err := s.check(ctx, actor, access.LoadCreate, of.Workspace, ""); err != nil {
		return Load{}, err
	}
	if full, err := s.full(ctx, of.Workspace); err != nil {
		return Load{}, err
	} else if full {
		return Load{}, queueFull(s.config.Limits.Queued)
	}
	now := s.config.Now()
	return Load{
		ID: id.New("load", now), Kind: Objects, Workspace: of.Workspace, FeedID: of.ID, SourceID: of.SourceID,
		Dataset: of.Dataset, Duplicates: of.Duplicates, MaxRejected: of.MaxRejected,
		MaxRejectedPercent: of.MaxRejectedPercent, By: actor.ID, State: Queued, CreatedAt: now,
	}, nil
}
