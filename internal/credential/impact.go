package credential

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
)

// Impact returns what stops when a credential is removed: the sources that use
// it.
func (s *Service) Impact(
	ctx context.Context, actor access.Actor, workspace, idOrName string,
) (impact.Impact, error) {
	resource := access.Resource{Workspace: workspace, Kind: "credential", ID: idOrName}
	if err := impact.Look(ctx, s.config.Checker, actor, access.CredentialRemove, access.CredentialRead,
		resource); err != nil {
		return impact.Impact{}, err
	}
	found, err := s.config.Store.Credential(ctx, workspace, idOrName)
	if err != nil {
		return impact.Impact{}, err
	}
	return s.removal(ctx, &found)
}

func (s *Service) removal(ctx context.Context, found *Credential) (impact.Impact, error) {
	stops, err := s.config.Store.CredentialDependents(ctx, found.Workspace, found.ID)
	return impact.Impact{Confirm: found.Name, Stops: append([]impact.Stop{}, stops...)}, err
}
