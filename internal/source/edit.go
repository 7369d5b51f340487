package source

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/label"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/patch"
	"github.com/windlass-io/windlass/internal/problem"
)

// Draft describes a source to create.
type Draft struct {
	Name          string // default: a generated name
	IntegrationID string // or its name
	CredentialID  string // or its name
	Bucket        string
	Pattern       string
	Exclude       []string
	Format        Format // default: Auto
}

// Change changes a source. A nil field doesn't change. The integration or access
// key and the bucket can't change; create another source instead.
type Change struct {
	Name    *string
	Pattern *string
	Exclude *[]string
	Format  *Format
}

// Create creates a source. A location of the integration must cover the pattern.
// It doesn't call AWS.
func (s *Service) Create(ctx context.Context, actor access.Actor, workspace string, draft Draft) (Source, error) {
	made, err := s.Prepare(ctx, actor, workspace, draft)
	if err != nil {
		return Source{}, err
	}
	return made, s.config.Store.InsertSource(ctx, made)
}

// Prepare returns the source that [Service.Create] would store.
func (s *Service) Prepare(ctx context.Context, actor access.Actor, workspace string, draft Draft) (Source, error) {
	now := s.config.Now()
	sourceID := id.New("src", now) // the audit records it
	if err := s.check(ctx, actor, access.SourceCreate, workspace, sourceID); err != nil {
		return Source{}, err
	}
	made := Source{
		ID: sourceID, Workspace: workspace, Name: draft.Name,
		IntegrationID: draft.IntegrationID, CredentialID: draft.CredentialID, Bucket: draft.Bucket,
		Pattern: draft.Pattern, Exclude: draft.Exclude, Format: draft.Format, Version: 1, CreatedAt: now,
		UpdatedAt: now,
	}
	if made.Name == "" {
		made.Name = "DATA_SOURCE_" + rand.Text()[:9]
	}
	if err := s.complete(ctx, actor, &made); err != nil {
		return Source{}, err
	}
	if err := s.checkCount(ctx, workspace); err != nil {
		return Source{}, err
	}
	return made, nil
}

// checkCount returns an error if the workspace has the maximum number of sources.
func (s *Service) checkCount(ctx context.Context, workspace string) error {
	n, err := s.config.Store.CountSources(ctx, workspace)
	if err != nil || n < s.config.Most {
		return err
	}
	return problem.Full("sources", n).WithHint("Remove sources that nobody loads.")
}

// Update changes a source. It doesn't affect data that is already loaded.
func (s *Service) Update(ctx context.Context, actor access.Actor, workspace, idOrName string,
	change Change,
) (Source, error) {
	if err := s.check(ctx, actor, access.SourceUpdate, workspace, idOrName); err != nil {
		return Source{}, err
	}
	changed, err := s.config.Store.Source(ctx, workspace, idOrName)
	if err != nil {
		return Source{}, err
	}
	patch.Set(&changed.Name, change.Name)
	patch.Set(&changed.Pattern, change.Pattern)
	patch.Set(&changed.Exclude, change.Exclude)
	patch.Set(&changed.Format, change.Format)
	if err := s.complete(ctx, actor, &changed); err != nil {
		return Source{}, err
	}
	changed.Version, changed.UpdatedAt = changed.Version+1, s.config.Now()
	return changed, s.config.Store.SaveSource(ctx, changed)
}

// complete sets defaults and validates the source.
func (s *Service) complete(ctx context.Context, actor access.Actor, src *Source) error {
	if src.Format.Name == "" {
		src.Format.Name = Auto
	}
	findings := append(src.findings(), src.Format.findings()...)
	if len(findings) > 0 {
		return problem.New(problem.Invalid, "The source is invalid: %s %s.", findings[0].Path, findings[0].Message).
			WithFindings(findings...)
	}
	pattern, err := src.ParsePattern()
	if err != nil {
		return err
	}
	way, id := s.wayIn(src)
	named, locations, err := way.Declared(ctx, actor, src.Workspace, *id)
	if err != nil {
		return err
	}
	*id = named
	if locations == nil {
		return nil
	}
	return checkWithin(locations, src.Bucket, pattern)
}

func (src *Source) findings() []problem.Finding {
	var found []problem.Finding
	if !label.Valid(src.Name) {
		found = append(found, problem.Finding{
			Path:    "name",
			Message: "is longer than 255 bytes, or has characters that aren't printable",
		})
	}
	if (src.IntegrationID == "") == (src.CredentialID == "") {
		found = append(found, problem.Finding{Path: "integration", Message: "and credential: set exactly one of them"})
	}
	if _, err := object.NewLocation(src.Bucket, ""); err != nil {
		found = append(found, problem.Finding{Path: "bucket", Message: "isn't a bucket name"})
	}
	return found
}

// checkWithin rejects a pattern that no declared location covers.
func checkWithin(locations []object.Location, bucket string, pattern Pattern) error {
	var declared []string
	for _, l := range locations {
		if l.Contains(bucket, pattern.Prefix()) {
			return nil
		}
		declared = append(declared, l.String())
	}
	return problem.New(problem.Forbidden, "The pattern s3://%s/%s is outside the integration's locations.", bucket,
		pattern.include).
		WithHint("The locations are %s. Start the pattern with one of them, or add the location to the integration.",
			strings.Join(declared, ", "))
}
