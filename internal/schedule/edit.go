package schedule

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/cron"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/label"
	"github.com/windlass-io/windlass/internal/patch"
	"github.com/windlass-io/windlass/internal/problem"
)

// Draft describes a schedule to create.
type Draft struct {
	Name    string // default: a generated name
	Feed    string // ID; or a source and a dataset
	Source  string // ID or name
	Dataset string
	Settings
	Paused bool
}

// Change changes a schedule. A nil field doesn't change. Cron and Every replace
// each other.
type Change struct {
	Version  int64 // that the caller saw; 0: any
	Name     *string
	Cron     *string
	TimeZone *string
	Every    *time.Duration
	StartAt  *time.Time
	Overlap  *Overlap
	CatchUp  *CatchUp
	On       *Trigger
}

// Create creates a schedule.
func (s *Service) Create(ctx context.Context, actor access.Actor, workspace string, draft Draft) (Schedule, error) {
	made := s.draw(actor, workspace, &draft)
	if err := s.check(ctx, actor, access.ScheduleCreate, workspace, made.ID); err != nil {
		return Schedule{}, err
	}
	if err := s.name(ctx, workspace, &draft); err != nil {
		return Schedule{}, err
	}
	src, err := s.config.Sources.Get(ctx, actor, workspace, draft.Source)
	if err != nil {
		return Schedule{}, err
	}
	made.SourceID, made.Dataset = src.ID, draft.Dataset
	if err := s.complete(ctx, &made); err != nil {
		return Schedule{}, err
	}
	of, err := s.config.Store.EnsureFeed(ctx,
		feed.New(workspace, made.SourceID, made.Dataset, actor.ID, made.CreatedAt))
	if err != nil {
		return Schedule{}, err
	}
	made.FeedID = of.ID
	return made, s.config.Store.InsertSchedule(ctx, made)
}

// Prepare returns the schedule that [Service.Create] would store, of a feed that isn't
// stored yet.
func (s *Service) Prepare(ctx context.Context, actor access.Actor, of feed.Feed, draft Draft) (Schedule, error) {
	made := s.draw(actor, of.Workspace, &draft)
	if err := s.check(ctx, actor, access.ScheduleCreate, of.Workspace, made.ID); err != nil {
		return Schedule{}, err
	}
	made.FeedID, made.SourceID, made.Dataset = of.ID, of.SourceID, of.Dataset
	return made, s.complete(ctx, &made)
}

func (s *Service) draw(actor access.Actor, workspace string, draft *Draft) Schedule {
	now := s.config.Now()
	return Schedule{
		ID: id.New("sched", now), Workspace: workspace, Name: draft.Name, Dataset: draft.Dataset,
		Settings: draft.Settings, Paused: draft.Paused, Version: 1, MadeBy: actor.ID, CreatedAt: now, UpdatedAt: now,
	}
}

// complete sets defaults, and validates a new schedule.
func (s *Service) complete(ctx context.Context, made *Schedule) error {
	if made.Name == "" {
		made.Name = "SCHEDULE_" + rand.Text()[:9]
	}
	if err := made.complete(made.CreatedAt); err != nil {
		return err
	}
	count, err := s.config.Store.CountSchedules(ctx, made.Workspace)
	if err != nil {
		return err
	}
	if count >= s.config.Most {
		return problem.Full("schedules", count).WithHint("Remove schedules that you don't need.")
	}
	return nil
}

// name sets the source and the dataset of a draft that names a feed.
func (s *Service) name(ctx context.Context, workspace string, draft *Draft) error {
	if draft.Feed == "" {
		return nil
	}
	if draft.Source != "" || draft.Dataset != "" {
		return problem.New(problem.Invalid, "The schedule is invalid: it has both a feed and a source or dataset.").
			WithHint("Use either the feed, or the source and the dataset.").
			WithFindings(problem.Finding{Path: "feed", Message: "excludes source and dataset"})
	}
	found, err := s.config.Store.Feed(ctx, workspace, draft.Feed)
	draft.Source, draft.Dataset = found.SourceID, found.Dataset
	return err
}

// Update changes a schedule. The change applies to the fire times after it.
func (s *Service) Update(ctx context.Context, actor access.Actor, workspace, idOrName string,
	change Change,
) (Schedule, error) {
	return s.edit(ctx, actor, workspace, idOrName, change.Version, change.apply)
}

// Pause stops a schedule. Loads that it already started continue.
func (s *Service) Pause(ctx context.Context, actor access.Actor, workspace, idOrName string) (Schedule, error) {
	return s.edit(ctx, actor, workspace, idOrName, 0, func(changed *Schedule) { changed.Paused = true })
}

// Resume continues a schedule with the next fire time from now on. Fire times of
// the pause are skipped.
func (s *Service) Resume(ctx context.Context, actor access.Actor, workspace, idOrName string) (Schedule, error) {
	return s.edit(ctx, actor, workspace, idOrName, 0, func(changed *Schedule) { changed.Paused = false })
}

func (s *Service) edit(ctx context.Context, actor access.Actor, workspace, idOrName string, version int64,
	change func(*Schedule),
) (Schedule, error) {
	if err := s.check(ctx, actor, access.ScheduleUpdate, workspace, idOrName); err != nil {
		return Schedule{}, err
	}
	changed, err := s.config.Store.Schedule(ctx, workspace, idOrName)
	if err != nil {
		return Schedule{}, err
	}
	if version != 0 && version != changed.Version {
		return Schedule{}, problem.New(problem.Conflict, "The schedule %q now has version %d, not %d.", changed.Name,
			changed.Version, version).WithHint("Read it again, then repeat the change.")
	}
	now := s.config.Now()
	change(&changed)
	if err := changed.complete(now); err != nil {
		return Schedule{}, err
	}
	changed.Version, changed.UpdatedAt = changed.Version+1, now
	return changed, s.config.Store.SaveSchedule(ctx, changed)
}

func (c *Change) apply(changed *Schedule) {
	switch {
	case c.Cron != nil && *c.Cron != "" && c.Every == nil:
		changed.Every = 0
	case c.Every != nil && *c.Every != 0 && c.Cron == nil:
		changed.Cron = ""
	}
	patch.Set(&changed.Name, c.Name)
	patch.Set(&changed.Cron, c.Cron)
	patch.Set(&changed.TimeZone, c.TimeZone)
	patch.Set(&changed.Every, c.Every)
	patch.Set(&changed.StartAt, c.StartAt)
	patch.Set(&changed.Overlap, c.Overlap)
	patch.Set(&changed.CatchUp, c.CatchUp)
	patch.Set(&changed.On, c.On)
}

// complete sets defaults, validates, and computes the next fire time.
func (s *Schedule) complete(now time.Time) error {
	s.Overlap, s.CatchUp = cmp.Or(s.Overlap, Skip), cmp.Or(s.CatchUp, Last)
	s.TimeZone = cmp.Or(s.TimeZone, "UTC")
	s.StartAt = s.StartAt.UTC()
	if s.Every != 0 && s.StartAt.IsZero() {
		s.StartAt = now.UTC().Truncate(time.Minute)
	}
	if err := s.validate(); err != nil {
		return err
	}
	s.NextAt = time.Time{}
	if !s.Paused {
		s.NextAt = s.times()(now)
	}
	return nil
}

func (s *Schedule) validate() error {
	var found []problem.Finding
	add := func(path, message string) { found = append(found, problem.Finding{Path: path, Message: message}) }
	if s.Name == "" || !label.Valid(s.Name) {
		add("name", "is empty, longer than 255 bytes, or has characters that aren't printable")
	}
	if fault := dataset.NameFault(s.Dataset); fault != "" {
		add("dataset", fault)
	}
	if s.Cron != "" && s.Every != 0 {
		add("every", "and cron: set one of them")
	}
	if s.On != "" && s.On != OnEvents {
		add("on", "isn't events")
	}
	if s.On != "" && (s.Cron != "" || s.Every != 0) {
		add("on", "excludes cron and every")
	}
	if s.Every != 0 && (s.Every < minEvery || s.Every > maxEvery || s.Every%time.Minute != 0) {
		add("every", "isn't whole minutes from 1m to 366d")
	}
	if s.Overlap != Skip && s.Overlap != Queue {
		add("overlap", "isn't skip or queue")
	}
	if s.CatchUp != Last && s.CatchUp != None && s.CatchUp != All {
		add("catch_up", "isn't last, none or all")
	}
	reason, message := s.cronFault()
	if path := "cron"; message != "" {
		if reason == string(cron.TimeZone) {
			path = "time_zone"
		}
		add(path, message)
	}
	if len(found) == 0 {
		return nil
	}
	return problem.New(problem.Invalid, "The schedule is invalid: %s: %s.", found[0].Path, found[0].Message).
		WithReason(reason).WithFindings(found...)
}

// cronFault returns the code and description of a fault of the expression or
// the time zone, or "" for both.
func (s *Settings) cronFault() (code, message string) {
	_, err := cron.Parse(cmp.Or(s.Cron, "@daily"), s.TimeZone)
	if refused, ok := errors.AsType[*cron.Error](err); ok {
		return string(refused.Code), refused.Error()
	}
	return "", ""
}
