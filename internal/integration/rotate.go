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

// Rotate starts a rotation of the External ID. It generates a new one, and the
// trust policy then has both. Windlass uses the old one until
// [Service.CompleteRotation].
func (s *Service) Rotate(ctx context.Context, actor access.Actor, workspace, idOrName string) (Edited, error) {
	const note = "Started a rotation of the External ID."
	return s.rotation(ctx, actor, workspace, idOrName, note, func(i *Integration) error {
		if i.NextExternalID != "" {
			return problem.New(problem.Conflict, "The External ID of %s is already being rotated.", quoted(i.Name)).
				WithHint("Complete or cancel the rotation.")
		}
		next, err := assume.NewExternalID(s.config.Random)
		i.NextExternalID = next
		return err
	})
}

// AbandonRotation cancels a rotation. The new External ID is never used.
func (s *Service) AbandonRotation(ctx context.Context, actor access.Actor, workspace, idOrName string) (Edited, error) {
	const note = "Canceled the rotation of the External ID."
	return s.rotation(ctx, actor, workspace, idOrName, note, func(i *Integration) error {
		if i.NextExternalID == "" {
			return notRotating(i.Name)
		}
		i.NextExternalID = ""
		return nil
	})
}

// CompleteRotation switches to the new External ID, if the role accepts it.
// Otherwise, it changes nothing. It needs a confirmation, because the old
// External ID stops working.
func (s *Service) CompleteRotation(
	ctx context.Context, actor access.Actor, workspace, idOrName string, given impact.Confirmation,
) (Edited, error) {
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
			return Edited{}, problem.Wrap(err, problem.Refused,
				"The role %s doesn't let Windlass in with the new External ID yet: %s.", found.RoleARN, reasonOf(err)).
				WithHint("Set the printed trust policy, which has both External IDs. IAM may need two minutes to propagate a change. " +
					"Until then, Windlass uses the old one.")
		}
	}
	const note = "Completed the rotation of the External ID."
	return s.rotation(ctx, actor, workspace, idOrName, note, func(i *Integration) error {
		if i.NextExternalID != proven || i.RoleARN != found.RoleARN {
			return problem.New(problem.Conflict, "The integration %s has changed in the meantime.", quoted(i.Name)).
				WithHint("Try again.")
		}
		i.PreviousExternalID, i.ExternalID, i.NextExternalID = i.ExternalID, proven, ""
		i.Revision++
		i.ReadRevision = i.Revision
		i.fitParts(false)
		return nil
	})
}

// rotation changes the External IDs, and records note in the audit.
func (s *Service) rotation(
	ctx context.Context, actor access.Actor, workspace, idOrName, note string, edit func(*Integration) error,
) (Edited, error) {
	if err := s.check(ctx, actor, access.IntegrationRotate, workspace, idOrName); err != nil {
		return Edited{}, err
	}
	before, after, err := s.change(ctx, workspace, idOrName, func(i *Integration) error {
		if i.State == Removed {
			return problem.New(problem.Conflict, "The integration %s is removed.", quoted(i.Name)).
				WithHint("Restore it first.")
		}
		return edit(i)
	})
	if err != nil {
		return Edited{}, err
	}
	if before.ExternalID != after.ExternalID {
		s.config.Roles.Forget(after.ID)
	}
	if err := s.note(ctx, actor, access.IntegrationRotate, &after, note); err != nil {
		return Edited{}, err
	}
	return edited(before, after)
}

// reasonOf returns AWS's status and code, or the text of another error.
func reasonOf(err error) string {
	var f *object.Failure
	if errors.As(err, &f) && f.Status != 0 {
		return fmt.Sprintf("AWS returned %d %s", f.Status, f.Code)
	}
	return err.Error()
}

func notRotating(name string) error {
	return problem.New(problem.Conflict, "The External ID of %s isn't being rotated.", quoted(name)).
		WithHint("Start a rotation first.")
}
