package feed

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// CodeSkipped is the code of a ledger entry that a person ignored.
const CodeSkipped = "skipped"

// Limits of one request to skip objects.
const (
	MaxSkipped = 1000
	maxKey     = 1024 // bytes, the limit of S3
)

// Skip is the objects to ignore, who ignores them and when.
type Skip struct {
	Keys   []string
	Reason string // for people
	At     time.Time
}

// Skip changes the failed and removed versions of objects to ignored: no load tries
// them again. A newer version of an object is loaded as usual. It returns the entries
// that it changed and those that are ignored already. An object that is loaded, or
// that has no entry, is an error, and nothing changes then.
func (s *Service) Skip(ctx context.Context, actor access.Actor, workspace, feedID string, keys []string) (
	[]engine.LedgerEntry, error,
) {
	found, err := s.find(ctx, actor, access.SourceUpdate, workspace, feedID)
	if err != nil {
		return nil, err
	}
	if err := checkKeys(keys); err != nil {
		return nil, err
	}
	unique := slices.Clone(keys)
	slices.Sort(unique)
	return s.config.Store.SkipObjects(ctx, found, Skip{
		Keys: slices.Compact(unique), Reason: "Skipped by " + actorName(actor) + ".", At: s.config.Now(),
	})
}

func actorName(actor access.Actor) string {
	if actor.Name != "" {
		return actor.Name
	}
	return actor.ID
}

func checkKeys(keys []string) error {
	var findings []problem.Finding
	if len(keys) == 0 || len(keys) > MaxSkipped {
		findings = append(findings, problem.Finding{
			Path: "keys", Message: fmt.Sprintf("must have 1 to %d keys", MaxSkipped),
		})
	}
	for i, key := range keys[:min(len(keys), MaxSkipped)] {
		if key == "" || len(key) > maxKey {
			findings = append(findings, problem.Finding{
				Path: fmt.Sprintf("keys[%d]", i), Message: fmt.Sprintf("must have 1 to %d bytes", maxKey),
			})
		}
	}
	if len(findings) == 0 {
		return nil
	}
	return problem.New(problem.Invalid, "The list of objects isn't valid: %s %s.", findings[0].Path,
		findings[0].Message).WithFindings(findings...)
}
