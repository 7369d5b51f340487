// Package schedule starts loads at fire times: of a cron expression in a time
// zone, or at an interval. Each fire time starts at most one load, however many
// nodes tick.
package schedule

import (
	"time"

	"github.com/windlass-io/windlass/internal/cron"
)

// Schedule loads a source into a dataset at its fire times.
type Schedule struct {
	ID        string // "sched_…"
	Workspace string // workspace ID
	Name      string // unique in the workspace; 1 to 255 bytes, printable
	FeedID    string // of the source and the dataset; empty if it was removed with the dataset
	SourceID  string
	Dataset   string // name; the first load creates the dataset
	Settings
	Paused    bool
	Version   int64     // increases with every change by a person
	NextAt    time.Time // the next fire time; zero: none
	MadeBy    string    // ID of the actor
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Settings defines when a schedule fires, and what happens to late and
// overlapping runs. A schedule with neither Cron, Every nor On is manual: it
// fires by [Service.Run] only.
type Settings struct {
	Cron     string        `json:"cron,omitempty"`      // five fields or a macro; see package cron
	TimeZone string        `json:"time_zone,omitempty"` // IANA name
	Every    time.Duration `json:"every,omitempty"`     // 1 minute to 366 days, whole minutes
	StartAt  time.Time     `json:"start_at,omitzero"`   // no fire time is earlier; Every counts from it
	Overlap  Overlap       `json:"overlap"`
	CatchUp  CatchUp       `json:"catch_up"`
	On       Trigger       `json:"on,omitempty"` // empty: fire times
}

// Trigger is the event that fires a schedule without fire times.
type Trigger string

// OnEvents fires when objects arrive, according to the events of the source's
// bucket.
const OnEvents Trigger = "events"

// Overlap defines what happens at a fire time while the last load of the same source
// into the same dataset hasn't ended.
type Overlap string

// The overlaps.
const (
	Skip  Overlap = "skip"  // no load is started
	Queue Overlap = "queue" // one load waits; later fire times join it
)

// CatchUp selects which missed fire times still start a load after the service
// was down.
type CatchUp string

// The ways to catch up.
const (
	Last CatchUp = "last" // the newest, if it is less than 24 hours old
	None CatchUp = "none"
	All  CatchUp = "all" // the newest 24, of the last 24 hours
)

// Run is the result of one fire time.
type Run struct {
	ScheduleID string
	FireAt     time.Time
	State      RunState
	LoadID     string // empty: no load was started
	Reason     string // of Skipped and Failed
	At         time.Time
}

// RunState is the result of a fire time.
type RunState string

// The states of runs.
const (
	Started RunState = "started" // a load was started
	Merged  RunState = "merged"  // joined a load that waits
	Skipped RunState = "skipped" // the last load hadn't ended
	Missed  RunState = "missed"  // the service was down
	Failed  RunState = "failed"  // no load could be started
	Manual  RunState = "manual"  // a person started a load
)

// MaxPerWorkspace is the default limit of schedules per workspace.
const MaxPerWorkspace = 1000

// times returns a function that returns the first fire time after a moment, or
// zero if there is none. The settings must be valid.
func (s *Settings) times() func(after time.Time) time.Time {
	next := func(time.Time) time.Time { return time.Time{} }
	switch {
	case s.Cron != "":
		// If this machine no longer knows the time zone, the schedule never fires.
		if expression, err := cron.Parse(s.Cron, s.TimeZone); err == nil {
			next = expression.Next
		}
	case s.Every > 0:
		next = s.nextInterval
	}
	return func(after time.Time) time.Time {
		if before := s.StartAt.Add(-time.Nanosecond); after.Before(before) {
			after = before
		}
		return next(after)
	}
}

// nextInterval returns the first multiple of the interval after a moment.
func (s *Settings) nextInterval(after time.Time) time.Time {
	passed := after.Sub(s.StartAt)
	if passed < 0 {
		return s.StartAt
	}
	return s.StartAt.Add((passed/s.Every + 1) * s.Every)
}

// nextRuns returns the next n fire times after a moment, or fewer.
func (s *Settings) nextRuns(after time.Time, n int) []time.Time {
	times, next := []time.Time{}, s.times()
	for range n {
		if after = next(after); after.IsZero() {
			break
		}
		times = append(times, after)
	}
	return times
}
