package integration

import (
	"context"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/problem"
)

// Remove takes an integration out of use. It needs a confirmation when
// something depends on the integration. Loads that run may go on for
// [DrainFor]; for [RestoredFor] it can be restored. Its External ID stays with
// it and is never used again.
func (s *Service) Remove(ctx context.Context, actor access.Actor, workspace, idOrName string, given impact.Confirmation) (Integration, error) {
	if err := s.check(ctx, actor, access.IntegrationRemove, workspace, idOrName); err != nil {
		return Integration{}, err
	}
	if err := s.confirm(ctx, workspace, idOrName, given, s.removal); err != nil {
		return Integration{}, err
	}
	_, after, err := s.change(ctx, workspace, idOrName, func(i *Integration) error {
		if i.State == Removed {
			return problem.New(problem.Conflict, "The integration %s is already removed.", i.ID)
		}
		i.State, i.RemovedAt = Removed, s.now()
		i.Reason = "It was removed."
		return nil
	})
	if err != nil {
		return Integration{}, err
	}
	return after, s.done(ctx, actor, access.IntegrationRemove, &after, "Removed "+quoted(after.Name)+".")
}

// Restore undoes a removal; of several of a name, the last one. What was proven
// before is proven again before it is used.
func (s *Service) Restore(ctx context.Context, actor access.Actor, workspace, idOrName string) (Integration, error) {
	if err := s.check(ctx, actor, access.IntegrationRemove, workspace, idOrName); err != nil {
		return Integration{}, err
	}
	idOrName, err := s.removedID(ctx, workspace, idOrName)
	if err != nil {
		return Integration{}, err
	}
	if err := s.checkCount(ctx, workspace); err != nil {
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
	switch {
	case err != nil && name != "":
		return Integration{}, s.nameTaken(err, name)
	case err != nil:
		return Integration{}, err
	}
	return after, s.done(ctx, actor, access.IntegrationRemove, &after, "Restored "+quoted(after.Name)+".")
}

// removedID gives the ID of the integration that was removed last under a name;
// what is none of those names stays as it is.
func (s *Service) removedID(ctx context.Context, workspace, idOrName string) (string, error) {
	if id.Has(idOrName, "int") {
		return idOrName, nil
	}
	removed, err := s.removed(ctx, workspace)
	for _, i := range removed {
		if i.Name == idOrName {
			return i.ID, nil
		}
	}
	return idOrName, err
}

// Expire removes reservations that no role was given for within [ReservedFor],
// and gives them. It is the service's own work, on a timer.
func (s *Service) Expire(ctx context.Context) ([]Integration, error) {
	now := s.now()
	expired, err := s.config.Store.ExpireIntegrations(ctx, now.Add(-ReservedFor), now)
	for n := range expired {
		what := "Removed " + quoted(expired[n].Name) + ": no role was given within 48 hours."
		err = errors.Join(err, s.done(ctx, access.Actor{Kind: access.System, ID: access.Doctor}, access.IntegrationRemove, &expired[n], what))
	}
	return expired, err
}
