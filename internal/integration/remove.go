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

// Remove removes an integration. It needs a confirmation when something depends
// on the integration. Running loads continue for [DrainFor], and the
// integration can be restored for [RestoredFor]. Its External ID is never used
// for another integration.
func (s *Service) Remove(
	ctx context.Context, actor access.Actor, workspace, idOrName string, given impact.Confirmation,
) (Integration, error) {
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
		if i.State != Verified { // what was refused before isn't allowed for the rest of a load
			i.Revision++
			i.ReadRevision = i.Revision
		}
		i.State, i.RemovedAt = Removed, s.now()
		i.Reason = "It was removed."
		return nil
	})
	if err != nil {
		return Integration{}, err
	}
	return after, s.note(ctx, actor, access.IntegrationRemove, &after, "Removed "+quoted(after.Name)+".")
}

// Restore undoes a removal. If several removed integrations have the same name,
// it restores the one that was removed last. The integration must be verified
// again.
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
			return problem.New(problem.Conflict, "The integration %s isn't removed.", quoted(i.Name))
		}
		i.RemovedAt, name = time.Time{}, i.Name
		i.Revision++
		i.ReadRevision = i.Revision
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
	return after, s.note(ctx, actor, access.IntegrationRemove, &after, "Restored "+quoted(after.Name)+".")
}

// removedID returns the ID of the integration with this name that was removed
// last. It returns an ID or an unknown name unchanged.
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

// Expire removes reservations without a role after [ReservedFor], and returns
// them. The service calls it on a timer.
func (s *Service) Expire(ctx context.Context) ([]Integration, error) {
	now := s.now()
	expired, err := s.config.Store.ExpireIntegrations(ctx, now.Add(-ReservedFor), now)
	for n := range expired {
		what := "Removed " + quoted(expired[n].Name) + ": it had no role after 48 hours."
		doctor := access.Actor{Kind: access.System, ID: access.Doctor}
		err = errors.Join(err, s.note(ctx, doctor, access.IntegrationRemove, &expired[n], what))
	}
	return expired, err
}
