package integration

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
)

// Impact returns what stops when the integration is removed, or when an edit
// breaks it.
func (s *Service) Impact(
	ctx context.Context, actor access.Actor, workspace, idOrName string,
) (impact.Impact, error) {
	return s.look(ctx, actor, access.IntegrationRemove, workspace, idOrName, s.removal)
}

// RotationImpact returns what stops when a rotation is completed: the External
// ID that is in use until then.
func (s *Service) RotationImpact(
	ctx context.Context, actor access.Actor, workspace, idOrName string,
) (impact.Impact, error) {
	return s.look(ctx, actor, access.IntegrationRotate, workspace, idOrName, s.completion)
}

func (s *Service) look(
	ctx context.Context, actor access.Actor, act access.Action, workspace, idOrName string, measure measure,
) (impact.Impact, error) {
	resource := access.Resource{Workspace: workspace, Kind: "integration", ID: idOrName}
	if err := impact.Look(ctx, s.config.Checker, actor, act, access.IntegrationRead, resource); err != nil {
		return impact.Impact{}, err
	}
	found, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return impact.Impact{}, err
	}
	return measure(ctx, &found)
}

// measure computes the impact of one act on an integration.
type measure func(ctx context.Context, found *Integration) (impact.Impact, error)

// confirm returns nil when the impact of an act is confirmed.
func (s *Service) confirm(
	ctx context.Context, workspace, idOrName string, given impact.Confirmation, measure measure,
) error {
	found, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return err
	}
	measured, err := measure(ctx, &found)
	if err != nil {
		return err
	}
	return measured.Check(given)
}

// removal returns the impact of removing an integration. Removing it again has
// no impact.
func (s *Service) removal(ctx context.Context, found *Integration) (impact.Impact, error) {
	measured := impact.Impact{Confirm: found.Name, Stops: []impact.Stop{}, Undo: impact.Undo}
	if s.config.Dependents == nil || found.State == Removed {
		return measured, nil
	}
	stops, err := s.config.Dependents.IntegrationDependents(ctx, found.Workspace, found.ID)
	measured.Stops = append(measured.Stops, stops...)
	return measured, err
}

// completion returns the impact of completing a rotation.
func (*Service) completion(_ context.Context, found *Integration) (impact.Impact, error) {
	measured := impact.Impact{Confirm: found.Name, Stops: []impact.Stop{}}
	if found.NextExternalID != "" {
		old := string(found.ExternalID)
		measured.Stops = append(measured.Stops, impact.Stop{Kind: "external_id", ID: old, Name: old})
	}
	return measured, nil
}
