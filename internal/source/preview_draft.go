package source

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// PreviewDraft reads the beginning of the oldest object that a source of this
// draft would match, as [Service.Preview] does. It stores nothing.
func (s *Service) PreviewDraft(ctx context.Context, actor access.Actor, workspace string, draft Draft) (
	Preview, error,
) {
	src, err := s.unsaved(ctx, actor, workspace, draft)
	if err != nil {
		return Preview{}, err
	}
	columns := shape.Default()
	return s.previewOldest(ctx, actor, src, &columns)
}

// unsaved returns the source that a draft describes, for an actor who may preview it.
func (s *Service) unsaved(ctx context.Context, actor access.Actor, workspace string, draft Draft) (Source, error) {
	if err := s.check(ctx, actor, access.SourcePreview, workspace, ""); err != nil {
		return Source{}, err
	}
	src := Source{
		Workspace: workspace, Name: draft.Name, IntegrationID: draft.IntegrationID, CredentialID: draft.CredentialID,
		Bucket: draft.Bucket, Pattern: draft.Pattern, Exclude: draft.Exclude, Format: draft.Format,
	}
	err := s.complete(ctx, actor, &src)
	return src, err
}

// Listing has the first objects of a draft's bucket under its pattern's prefix.
type Listing struct {
	Listed, Matched int
	More            bool     // there are objects that weren't listed
	Items           []Object // the first of those that were listed
}

// maxListed limits how many objects a listing shows.
const maxListed = 50

// PreviewUnsaved is like [Service.PreviewDraft] with the columns of a feed. It also
// returns the bucket's objects: which match, and why others don't. If none matches,
// the preview has nothing else.
func (s *Service) PreviewUnsaved(ctx context.Context, actor access.Actor, workspace string, draft Draft,
	columns *shape.Columns,
) (Preview, Listing, error) {
	src, err := s.unsaved(ctx, actor, workspace, draft)
	if err != nil {
		return Preview{}, Listing{}, err
	}
	found, err := s.list(ctx, actor, &src)
	if err != nil || found.Matched == 0 && !found.More {
		return Preview{Notes: []string{"No object matches the pattern."}}, found, err
	}
	seen, err := s.previewOldest(ctx, actor, src, columns)
	return seen, found, err
}

// list lists the first objects of a source that isn't saved.
func (s *Service) list(ctx context.Context, actor access.Actor, src *Source) (Listing, error) {
	pattern, err := src.ParsePattern()
	if err != nil {
		return Listing{}, err
	}
	bucket, err := s.Bucket(ctx, actor, *src)
	if err != nil {
		return Listing{}, err
	}
	page, err := bucket.List(ctx, pattern.Prefix(), "", MaxObjects)
	if err != nil {
		return Listing{}, object.Refusal(err)
	}
	found := Listing{Listed: len(page.Objects), More: page.Next != ""}
	err = pattern.MatchEach(ctx, page.Objects, func(info object.Info, match Match, reason string) {
		if match == Matched {
			found.Matched++
		}
		if len(found.Items) < maxListed {
			found.Items = append(found.Items, Object{
				Info: info, Matched: match == Matched, Match: match, Reason: reason,
			})
		}
	})
	return found, err
}
