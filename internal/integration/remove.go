package integration

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
)

// Remove takes an integration out of use. When something depends on it, it is
// refused unless force is set. Loads that run may go on for [DrainFor]; for
// [RestoredFor] it can be restored. Its External ID is never given again.
func (s *Service) Remove(ctx context.Context, actor access.Actor, workspace, idOrName string, force bool) (Integration, error) {
	if err := s.check(ctx, actor, access.IntegrationRemove, workspace, idOrName); err != nil {
		return Integration{}, err
	}
	if !force {
		if err := s.refuseWhileNeeded(ctx, workspace, idOrName); err != nil {
			return Integration{}, err
		}
	}
	_, after, err := s.change(ctx, workspace, idOrName, func(i *Integration) error {
		if i.State == Removed {
			return problem.New(problem.Conflict, "The integration %s is already removed.", i.ID)
		}
		i.State, i.RemovedAt = Removed, s.now()
		i.Reason = "It was removed."
		return nil
	})
	return after, err
}

func (s *Service) refuseWhileNeeded(ctx context.Context, workspace, idOrName string) error {
	found, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return err
	}
	needed, err := s.dependents(ctx, workspace, found.ID)
	if err != nil || len(needed) == 0 {
		return err
	}
	names := make([]string, 0, len(needed))
	for _, d := range needed[:min(len(needed), 5)] {
		names = append(names, fmt.Sprintf("%s %s", d.Kind, d.Name))
	}
	return problem.New(problem.Conflict, "%d things would stop without the integration %s: %s.", len(needed), quoted(found.Name), strings.Join(names, ", ")).
		WithHint("Give them another integration first, or remove it with force.")
}

// Restore undoes a removal. What was proven before is proven again before it
// is used.
func (s *Service) Restore(ctx context.Context, actor access.Actor, workspace, idOrName string) (Integration, error) {
	if err := s.check(ctx, actor, access.IntegrationRemove, workspace, idOrName); err != nil {
		return Integration{}, err
	}
	var name string
	_, after, err := s.change(ctx, workspace, idOrName, func(i *Integration) error {
		if i.State != Removed {
			return problem.New(problem.Conflict, "The integration %s is not removed.", quoted(i.Name))
		}
		i.RemovedAt, name = time.Time{}, i.Name
		i.Revision++
		i.unverify()
		if i.State == Reserved {
			i.CreatedAt = s.now() // another 48 hours
		}
		return nil
	})
	if err != nil && name != "" {
		return Integration{}, s.nameTaken(err, name)
	}
	return after, err
}

// Expire removes reservations that no role was given for within [ReservedFor],
// and gives them. It is the service's own work, on a timer.
func (s *Service) Expire(ctx context.Context) ([]Integration, error) {
	now := s.now()
	return s.config.Store.ExpireIntegrations(ctx, now.Add(-ReservedFor), now)
}
