// Package pipeline creates a source with all that loads it, in one step: the feed into a
// dataset, a schedule, and the first load.
package pipeline

import (
	"context"
	"errors"
	"slices"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/schedule"
	"github.com/windlass-io/windlass/internal/source"
)

// Draft describes what to create.
type Draft struct {
	Source   source.Draft
	Dataset  string          // name; empty: only the source is created
	Feed     feed.Change     // of the default settings
	Schedule *schedule.Draft // optional; its feed, source and dataset are those created here
	Load     bool            // start a load
}

// Pipeline has the created source, feed, schedule and load.
type Pipeline struct {
	Source   source.Source
	Feed     *feed.Feed
	Schedule *schedule.Schedule
	Load     *load.Load
}

// Config configures a [Service]. Every field is required.
type Config struct {
	Sources   Sources
	Feeds     Feeds
	Schedules Schedules
	Loads     Loads
	Store     Store
}

// Sources prepares sources; *source.Service implements it.
type Sources interface {
	Prepare(ctx context.Context, actor access.Actor, workspace string, draft source.Draft) (source.Source, error)
}

// Feeds prepares feeds; *feed.Service implements it.
type Feeds interface {
	Prepare(ctx context.Context, actor access.Actor, src source.Source, draft feed.Draft) (feed.Feed, error)
}

// Schedules prepares schedules; *schedule.Service implements it.
type Schedules interface {
	Prepare(ctx context.Context, actor access.Actor, of feed.Feed, draft schedule.Draft) (schedule.Schedule, error)
}

// Loads prepares loads; *load.Service implements it.
type Loads interface {
	PrepareFirst(ctx context.Context, actor access.Actor, of feed.Feed) (load.Load, error)
	// Nudge wakes the workers.
	Nudge()
}

// Store stores pipelines.
type Store interface {
	// InsertPipeline stores all parts in one transaction, and returns them as stored.
	InsertPipeline(ctx context.Context, made Pipeline) (Pipeline, error)
}

// Service creates pipelines. It is safe for concurrent use.
type Service struct{ config Config }

// New returns a service.
func New(config Config) *Service { return &Service{config} }

// Create creates a source, and what the draft has beside it, or nothing. The actor needs
// the permission for each part.
func (s *Service) Create(ctx context.Context, actor access.Actor, workspace string, draft Draft) (Pipeline, error) {
	if draft.Dataset == "" && (draft.Schedule != nil || draft.Load || draft.Feed != (feed.Change{})) {
		return Pipeline{}, problem.New(problem.Invalid, "The source is invalid: dataset is missing.").
			WithHint("Name the dataset that feed, schedule and load are for.").
			WithFindings(problem.Finding{Path: "dataset", Message: "is missing"})
	}
	src, err := s.config.Sources.Prepare(ctx, actor, workspace, draft.Source)
	if err != nil {
		return Pipeline{}, err
	}
	made := Pipeline{Source: src}
	if draft.Dataset != "" {
		if err := s.addFeed(ctx, actor, &draft, &made); err != nil {
			return Pipeline{}, err
		}
	}
	made, err = s.config.Store.InsertPipeline(ctx, made)
	if err == nil && made.Load != nil {
		s.config.Loads.Nudge()
	}
	return made, err
}

// addFeed prepares the feed and what uses it.
func (s *Service) addFeed(ctx context.Context, actor access.Actor, draft *Draft, made *Pipeline) error {
	of, err := s.config.Feeds.Prepare(ctx, actor, made.Source, feed.Draft{Dataset: draft.Dataset, Change: draft.Feed})
	if err != nil {
		return within(err, "feed.", "dataset")
	}
	made.Feed = &of
	if draft.Schedule != nil {
		timed, err := s.config.Schedules.Prepare(ctx, actor, of, *draft.Schedule)
		if err != nil {
			return within(err, "schedule.")
		}
		made.Schedule = &timed
	}
	if draft.Load {
		started, err := s.config.Loads.PrepareFirst(ctx, actor, of)
		if err != nil {
			return err
		}
		made.Load = &started
	}
	return nil
}

// within returns a problem whose findings are in a member of the request. Those at the
// top stay there.
func within(err error, member string, top ...string) error {
	known, ok := errors.AsType[*problem.Error](err)
	if !ok || len(known.Findings) == 0 {
		return err
	}
	placed := *known
	placed.Findings = slices.Clone(known.Findings)
	for i, f := range placed.Findings {
		if !slices.Contains(top, f.Path) {
			placed.Findings[i].Path = member + f.Path
		}
	}
	return &placed
}
