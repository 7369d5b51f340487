package integration

import (
	"context"
	"errors"
	"fmt"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// Rotate begins to change the External ID: a new one is made, the printed
// trust policy names both, and the old one is used until
// [Service.CompleteRotation].
func (s *Service) Rotate(ctx context.Context, actor access.Actor, workspace, idOrName string) (Edited, error) {
	return s.rotation(ctx, actor, workspace, idOrName, "A new External ID was made; the old one is used until it is.", func(i *Integration) error {
		if i.NextExternalID != "" {
			return problem.New(problem.Conflict, "The External ID of %s is already being changed.", quoted(i.Name)).
				WithHint("Complete the rotation, or give it up.")
		}
		next, err := assume.NewExternalID(s.config.Random)
		i.NextExternalID = next
		return err
	})
}

// AbandonRotation gives the new External ID up; it is never used.
func (s *Service) AbandonRotation(ctx context.Context, actor access.Actor, workspace, idOrName string) (Edited, error) {
	return s.rotation(ctx, actor, workspace, idOrName, "The new External ID was given up.", func(i *Integration) error {
		if i.NextExternalID == "" {
			return notRotating(i.Name)
		}
		i.NextExternalID = ""
		return nil
	})
}

// CompleteRotation uses the new External ID from now on, when the role lets
// Windlass in with it; while it does not, nothing changes. It needs a
// confirmation, because the old External ID stops.
func (s *Service) CompleteRotation(ctx context.Context, actor access.Actor, workspace, idOrName string, given impact.Confirmation) (Edited, error) {
	if err := s.check(ctx, actor, access.IntegrationRotate, workspace, idOrName); err != nil {
		return Edited{}, err
	}
	found, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return Edited{}, err
	}
	if found.NextExternalID == "" {
		return Edited{}, notRotating(found.Name)
	}
	measured, err := s.completion(ctx, &found)
	if err != nil {
		return Edited{}, err
	}
	if err := measured.Check(given); err != nil {
		return Edited{}, err
	}
	proven := found.NextExternalID
	if found.RoleARN != "" {
		request := found.request("rotate")
		request.ExternalID, request.Fresh = proven, true
		if _, err := s.config.Roles.Assume(ctx, request); err != nil {
			return Edited{}, problem.Wrap(err, problem.Refused, "The role %s does not let Windlass in with the new External ID yet: %s.", found.RoleARN, answered(err)).
				WithHint("Put the printed trust policy, which names both External IDs, on the role; an edit can take two minutes to spread. The old one stays in use.")
		}
	}
	return s.rotation(ctx, actor, workspace, idOrName, "The new External ID is used from now on.", func(i *Integration) error {
		if i.NextExternalID != proven || i.RoleARN != found.RoleARN {
			return problem.New(problem.Conflict, "The integration %s was edited meanwhile.", quoted(i.Name)).WithHint("Try again.")
		}
		i.ExternalID, i.NextExternalID = proven, ""
		i.Revision++
		return nil
	})
}

// rotation changes the External IDs and shows what that does to the trust
// policy; what is for the audit.
func (s *Service) rotation(ctx context.Context, actor access.Actor, workspace, idOrName, what string, edit func(*Integration) error) (Edited, error) {
	if err := s.check(ctx, actor, access.IntegrationRotate, workspace, idOrName); err != nil {
		return Edited{}, err
	}
	before, after, err := s.change(ctx, workspace, idOrName, func(i *Integration) error {
		if i.State == Removed {
			return problem.New(problem.Conflict, "The integration %s is removed.", quoted(i.Name)).WithHint("Restore it first.")
		}
		return edit(i)
	})
	if err != nil {
		return Edited{}, err
	}
	if before.ExternalID != after.ExternalID {
		s.config.Roles.Forget(after.ID)
	}
	if err := s.done(ctx, actor, access.IntegrationRotate, &after, what); err != nil {
		return Edited{}, err
	}
	return edited(before, after)
}

// answered is what AWS said, in short.
func answered(err error) string {
	var f *object.Failure
	if errors.As(err, &f) && f.Status != 0 {
		return fmt.Sprintf("AWS answered %d %s", f.Status, f.Code)
	}
	return err.Error()
}

func notRotating(name string) error {
	return problem.New(problem.Conflict, "The External ID of %s is not being changed.", quoted(name)).WithHint("Start a rotation first.")
}
