package source

import (
	"context"
	"crypto/rand"
	"strings"
	"unicode"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// Draft is what a caller says of a new source.
type Draft struct {
	Name          string // empty: made up
	IntegrationID string // or its name
	CredentialID  string // or its name
	Bucket        string
	Pattern       string
	Exclude       []string
	Format        Format // a Name left empty is Auto
}

// Change is what a caller changes of a source; nil leaves a member as it is.
// The way in and the bucket stay: another bucket is another source.
type Change struct {
	Name    *string
	Pattern *string
	Exclude *[]string
	Format  *Format
}

// Create keeps a new source. The pattern must lie within a location that the
// integration declares; nothing is asked of AWS.
func (s *Service) Create(ctx context.Context, actor access.Actor, workspace string, draft Draft) (Source, error) {
	now := s.config.Now()
	sourceID := id.New("src", now) // the audit names it
	if err := s.check(ctx, actor, access.SourceCreate, workspace, sourceID); err != nil {
		return Source{}, err
	}
	made := Source{
		ID: sourceID, Workspace: workspace, Name: draft.Name,
		IntegrationID: draft.IntegrationID, CredentialID: draft.CredentialID, Bucket: draft.Bucket,
		Pattern: draft.Pattern, Exclude: draft.Exclude, Format: draft.Format, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	if made.Name == "" {
		made.Name = "DATA_SOURCE_" + rand.Text()[:9]
	}
	if err := s.settle(ctx, actor, &made); err != nil {
		return Source{}, err
	}
	if err := s.checkCount(ctx, workspace); err != nil {
		return Source{}, err
	}
	return made, s.config.Store.InsertSource(ctx, made)
}

// checkCount returns nil when the workspace may have one source more.
func (s *Service) checkCount(ctx context.Context, workspace string) error {
	n, err := s.config.Store.CountSources(ctx, workspace)
	if err != nil || n < s.config.Most {
		return err
	}
	return problem.Full("sources", n).WithHint("Remove those that nobody loads.")
}

// Update changes a source. What was loaded before stays.
func (s *Service) Update(ctx context.Context, actor access.Actor, workspace, idOrName string, change Change) (Source, error) {
	if err := s.check(ctx, actor, access.SourceUpdate, workspace, idOrName); err != nil {
		return Source{}, err
	}
	changed, err := s.config.Store.Source(ctx, workspace, idOrName)
	if err != nil {
		return Source{}, err
	}
	assign(&changed.Name, change.Name)
	assign(&changed.Pattern, change.Pattern)
	assign(&changed.Exclude, change.Exclude)
	assign(&changed.Format, change.Format)
	if err := s.settle(ctx, actor, &changed); err != nil {
		return Source{}, err
	}
	changed.Version, changed.UpdatedAt = changed.Version+1, s.config.Now()
	return changed, s.config.Store.SaveSource(ctx, changed)
}

func assign[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// settle fills what was left empty and checks the whole.
func (s *Service) settle(ctx context.Context, actor access.Actor, src *Source) error {
	if src.Format.Name == "" {
		src.Format.Name = Auto
	}
	findings := append(src.findings(), src.Format.findings()...)
	if len(findings) > 0 {
		return problem.New(problem.Invalid, "The source is not valid: %s %s.", findings[0].Path, findings[0].Message).WithFindings(findings...)
	}
	pattern, err := ParsePattern(src.Pattern, src.Exclude)
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
	return within(locations, src.Bucket, pattern)
}

func (src *Source) findings() []problem.Finding {
	var found []problem.Finding
	if len(src.Name) > MaxName || src.Name != strings.TrimSpace(src.Name) || strings.ContainsFunc(src.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		found = append(found, problem.Finding{Path: "name", Message: "is longer than 100 bytes, or has characters that do not print"})
	}
	if (src.IntegrationID == "") == (src.CredentialID == "") {
		found = append(found, problem.Finding{Path: "integration", Message: "and credential: one of the two is needed, not both"})
	}
	if _, err := object.NewLocation(src.Bucket, ""); err != nil {
		found = append(found, problem.Finding{Path: "bucket", Message: "is not a bucket's name"})
	}
	return found
}

// within refuses a pattern that reaches outside of what was declared.
func within(locations []object.Location, bucket string, pattern Pattern) error {
	var declared []string
	for _, l := range locations {
		if l.Contains(bucket, pattern.Prefix()) {
			return nil
		}
		declared = append(declared, l.String())
	}
	return problem.New(problem.Forbidden, "The pattern s3://%s/%s reaches outside of what the integration declares.", bucket, pattern.include).
		WithHint("Declared: %s. Begin the pattern with a declared prefix, or add the location to the integration.", strings.Join(declared, ", "))
}
