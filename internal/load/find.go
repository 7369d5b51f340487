package load

import (
	"context"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// Filter selects loads. The zero value selects all.
type Filter struct {
	State    State
	Kind     Kind
	FeedID   string
	SourceID string    // [Service.Find] takes a name, too
	Dataset  string    // name or ID
	Since    time.Time // created then or later
	Until    time.Time // created before
}

// states are the states of a load.
var states = []State{Queued, Planning, Reading, Committing, Loaded, Failed, Cancelled}

// kinds are the kinds of a load.
var kinds = []Kind{Objects, Replay, Backfill, Rejected, Change, Events}

func (f *Filter) check() error {
	var findings []problem.Finding
	add := func(bad bool, path, message string) {
		if bad {
			findings = append(findings, problem.Finding{Path: path, Message: message})
		}
	}
	add(f.State != "" && !slices.Contains(states, f.State), "state",
		"must be queued, planning, reading, committing, loaded, failed or cancelled")
	add(f.Kind != "" && !slices.Contains(kinds, f.Kind), "kind",
		"must be load, replay, backfill, rejected, change or events")
	add(!f.Since.IsZero() && !f.Until.IsZero() && !f.Since.Before(f.Until), "until", "must be after since")
	if len(findings) == 0 {
		return nil
	}
	return problem.New(problem.Invalid, "The filter isn't valid: %s %s.", findings[0].Path, findings[0].Message).
		WithFindings(findings...)
}

// Find returns a page of the loads of a workspace that a filter selects, newest first.
func (s *Service) Find(ctx context.Context, actor access.Actor, workspace string, filter Filter,
	request paging.Request,
) (paging.List[Load], error) {
	if err := s.check(ctx, actor, access.LoadList, workspace, ""); err != nil {
		return paging.List[Load]{}, err
	}
	if err := filter.check(); err != nil {
		return paging.List[Load]{}, err
	}
	if filter.SourceID != "" && filter.SourceID != UploadSource {
		src, err := s.config.Sources.Get(ctx, actor, workspace, filter.SourceID)
		if err != nil {
			return paging.List[Load]{}, err
		}
		filter.SourceID = src.ID
	}
	return s.config.Store.ListLoads(ctx, workspace, filter, request)
}

// Objects returns a page of the ledger entries that a load recorded, by key: of the
// objects that it loaded, could not load, replaced or removed. Until its commit there
// are none. An object that another load has changed since is missing.
func (s *Service) Objects(ctx context.Context, actor access.Actor, workspace, loadID string,
	request paging.Request,
) (paging.List[engine.LedgerEntry], error) {
	found, err := s.Get(ctx, actor, workspace, loadID)
	if err != nil {
		return paging.List[engine.LedgerEntry]{}, err
	}
	return s.config.Store.LoadObjects(ctx, &found, request)
}
