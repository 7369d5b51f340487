package source

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// PreviewDraft reads the beginning of the oldest object that a source of this
// draft would match, as [Service.Preview] does. It keeps nothing.
func (s *Service) PreviewDraft(ctx context.Context, actor access.Actor, workspace string, draft Draft) (
	Preview, error,
) {
	if err := s.check(ctx, actor, access.SourcePreview, workspace, ""); err != nil {
		return Preview{}, err
	}
	src := Source{
		Workspace: workspace, Name: draft.Name, IntegrationID: draft.IntegrationID, CredentialID: draft.CredentialID,
		Bucket: draft.Bucket, Pattern: draft.Pattern, Exclude: draft.Exclude, Format: draft.Format,
	}
	if err := s.complete(ctx, actor, &src); err != nil {
		return Preview{}, err
	}
	columns := shape.Default()
	return s.previewOldest(ctx, actor, src, &columns)
}
