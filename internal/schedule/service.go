package schedule

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/cron"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

// Config configures a [Service]. Every field without "optional" is required.
type Config struct {
	Checker access.Checker
	Store   Store
	Sources Sources
	Loads   Loads
	Logger  *slog.Logger
	Now     func() time.Time
	// Observe counts runs: started, caught_up, skipped or missed. Optional.
	Observe func(outcome string, count int)
	Most    int // schedules of a workspace; optional: MaxPerWorkspace
}

// Sources finds sources; *source.Service implements it.
type Sources interface {
	Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (source.Source, error)
}

// Loads creates loads; *load.Service implements it.
type Loads interface {
	// Prepare returns a load to queue.
	Prepare(ctx context.Context, actor access.Actor, workspace, sourceID string, order load.Order) (load.Load, error)
	// Nudge wakes the workers to check the queue.
	Nudge()
}

// Store stores schedules and their runs. If one is missing, the error is a
// problem with code not_found; if a name is taken, one with code conflict.
type Store interface {
	InsertSchedule(ctx context.Context, made Schedule) error
	// Feed returns a feed by its ID.
	Feed(ctx context.Context, workspace, id string) (feed.Feed, error)
	// EnsureFeed returns the feed of a source and a dataset. If there is none,
	// it stores made.
	EnsureFeed(ctx context.Context, made feed.Feed) (feed.Feed, error)
	CountSchedules(ctx context.Context, workspace string) (int, error)
	Schedule(ctx context.Context, workspace, idOrName string) (Schedule, error)
	// ListSchedules returns a workspace's schedules, oldest first.
	ListSchedules(ctx context.Context, workspace string, request paging.Request) (paging.List[Schedule], error)
	// SaveSchedule replaces the schedule whose version is one less. If there is
	// none, it returns a problem with code conflict.
	SaveSchedule(ctx context.Context, changed Schedule) error
	DeleteSchedule(ctx context.Context, workspace, id string) error

	// DueSchedules returns the schedules that are due, the longest due
	// first.
	DueSchedules(ctx context.Context, now time.Time, limit int) ([]Schedule, error)
	// FireSchedule records runs of a schedule, queues their loads, and
	// advances the schedule, in one transaction. It returns the recorded runs,
	// or none if the schedule changed or another node was faster.
	FireSchedule(ctx context.Context, fired Firing) ([]Run, error)
	// InsertScheduleRun records a manual run and queues its load. It returns
	// the load, or the equal one that the run joins.
	InsertScheduleRun(ctx context.Context, run Run, started load.Load) (load.Load, error)
	// ScheduleRuns returns a schedule's runs, newest first.
	ScheduleRuns(ctx context.Context, scheduleID string, request paging.Request) (paging.List[Run], error)
	// LastRuns returns the newest run of each schedule of a workspace that has one,
	// from one ID to another.
	LastRuns(ctx context.Context, workspace, firstID, lastID string) (map[string]Run, error)
}

// Firing has the runs that a node found due.
type Firing struct {
	Schedule Schedule // as it was read
	Next     time.Time
	Missed   []Run
	Runs     []Run       // that are [Started], unless the store finds that they overlap
	Loads    []load.Load // one for each of Runs
	Now      time.Time
}

// Service manages the schedules of all workspaces. It is safe for concurrent use.
type Service struct{ config Config }

// New returns a service.
func New(config Config) *Service {
	config.Most = cmp.Or(config.Most, MaxPerWorkspace)
	return &Service{config}
}

// Shown is a schedule with its previous and next runs.
type Shown struct {
	Schedule
	NextRuns []time.Time // at most three; none while it is paused
	LastRun  *Run        // nil: it never ran
}

// Get returns a schedule by ID or name.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (Shown, error) {
	if err := s.check(ctx, actor, access.ScheduleRead, workspace, idOrName); err != nil {
		return Shown{}, err
	}
	found, err := s.config.Store.Schedule(ctx, workspace, idOrName)
	if err != nil {
		return Shown{}, err
	}
	return s.Show(ctx, found)
}

// List returns a workspace's schedules, oldest first.
func (s *Service) List(ctx context.Context, actor access.Actor, workspace string, request paging.Request) (
	paging.List[Shown], error,
) {
	if err := s.check(ctx, actor, access.ScheduleList, workspace, ""); err != nil {
		return paging.List[Shown]{}, err
	}
	found, err := s.config.Store.ListSchedules(ctx, workspace, request)
	if err != nil {
		return paging.List[Shown]{}, err
	}
	shown, err := s.show(ctx, found.Items)
	return paging.List[Shown]{Items: shown, Next: found.Next}, err
}

// nextShown is the number of next runs that a schedule shows.
const nextShown = 3

// Show adds the runs to a schedule that the caller may see.
func (s *Service) Show(ctx context.Context, found Schedule) (Shown, error) {
	shown, err := s.show(ctx, []Schedule{found})
	if err != nil {
		return Shown{}, err
	}
	return shown[0], nil
}

// show adds the runs to schedules of one workspace, in the order of their IDs.
func (s *Service) show(ctx context.Context, found []Schedule) ([]Shown, error) {
	if len(found) == 0 {
		return []Shown{}, nil
	}
	last, err := s.config.Store.LastRuns(ctx, found[0].Workspace, found[0].ID, found[len(found)-1].ID)
	if err != nil {
		return nil, err
	}
	shown := make([]Shown, len(found))
	for i := range found {
		shown[i] = Shown{Schedule: found[i], NextRuns: []time.Time{}}
		if !found[i].Paused {
			shown[i].NextRuns = found[i].nextRuns(s.config.Now(), nextShown)
		}
		if run, ok := last[found[i].ID]; ok {
			shown[i].LastRun = &run
		}
	}
	return shown, nil
}

// Runs returns the results of a schedule's fire times, newest first. They are
// kept for [KeepRuns].
func (s *Service) Runs(ctx context.Context, actor access.Actor, workspace, idOrName string, request paging.Request) (
	paging.List[Run], error,
) {
	if err := s.check(ctx, actor, access.ScheduleRead, workspace, idOrName); err != nil {
		return paging.List[Run]{}, err
	}
	found, err := s.config.Store.Schedule(ctx, workspace, idOrName)
	if err != nil {
		return paging.List[Run]{}, err
	}
	return s.config.Store.ScheduleRuns(ctx, found.ID, request)
}

// KeepRuns is how long the result of a fire time is kept.
const KeepRuns = 90 * 24 * time.Hour

// Impact returns what stops when a schedule is removed: only the schedule itself. Loads that it
// has already started continue.
func (s *Service) Impact(ctx context.Context, actor access.Actor, workspace, idOrName string) (impact.Impact, error) {
	resource := access.Resource{Workspace: workspace, Kind: "schedule", ID: idOrName}
	err := impact.Look(ctx, s.config.Checker, actor, access.ScheduleRemove, access.ScheduleRead, resource)
	if err != nil {
		return impact.Impact{}, err
	}
	found, err := s.config.Store.Schedule(ctx, workspace, idOrName)
	return impact.Impact{Confirm: found.Name, Stops: []impact.Stop{}}, err
}

// Remove removes a schedule. Loads that it already started continue.
func (s *Service) Remove(ctx context.Context, actor access.Actor, workspace, idOrName string) error {
	if err := s.check(ctx, actor, access.ScheduleRemove, workspace, idOrName); err != nil {
		return err
	}
	found, err := s.config.Store.Schedule(ctx, workspace, idOrName)
	if err != nil {
		return err
	}
	return s.config.Store.DeleteSchedule(ctx, workspace, found.ID)
}

// maxNext limits the fire times that [Service.Next] returns.
const maxNext = 100

// Next returns the first fire times of a cron expression after a moment; zero:
// now. It reads no schedule.
func (s *Service) Next(ctx context.Context, actor access.Actor, workspace, expression, timeZone string, from time.Time,
	count int,
) ([]time.Time, error) {
	if err := s.check(ctx, actor, access.ScheduleRead, workspace, ""); err != nil {
		return nil, err
	}
	if count < 1 || count > maxNext {
		return nil, problem.New(problem.Invalid, "The count is %d. Use 1 to %d.", count, maxNext).
			WithFindings(problem.Finding{Path: "count", Message: "isn't from 1 to 100"})
	}
	parsed, err := cron.Parse(expression, timeZone)
	if refused, ok := errors.AsType[*cron.Error](err); ok {
		return nil, problem.New(problem.Invalid, "The expression is invalid: %s.", refused.Error()).
			WithReason(string(refused.Code)).
			WithFindings(problem.Finding{Path: "cron", Message: refused.Error()})
	}
	if from.IsZero() {
		from = s.config.Now()
	}
	times := make([]time.Time, 0, count)
	for range count {
		if from = parsed.Next(from); from.IsZero() {
			break
		}
		times = append(times, from)
	}
	return times, nil
}

func (s *Service) check(ctx context.Context, actor access.Actor, action access.Action, workspace, id string) error {
	return s.config.Checker.Check(ctx, actor, action, access.Resource{Workspace: workspace, Kind: "schedule", ID: id})
}
