package client

import (
	"context"
	"net/http"
	"time"
)

// Schedule loads a source into a dataset at its fire times.
type Schedule struct {
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	Feed      string       `json:"feed,omitempty"` // ID
	Source    string       `json:"source"`         // ID
	Dataset   string       `json:"dataset"`
	Cron      string       `json:"cron,omitempty"`
	Every     string       `json:"every,omitempty"` // such as 15m; without Cron and Every it is manual
	TimeZone  string       `json:"time_zone"`
	StartAt   time.Time    `json:"start_at,omitzero"`
	Overlap   string       `json:"overlap"`      // skip or queue
	CatchUp   string       `json:"catch_up"`     // last, none or all
	On        string       `json:"on,omitempty"` // events, instead of Cron and Every
	Paused    bool         `json:"paused"`
	NextRuns  []time.Time  `json:"next_runs"` // at most three
	LastRun   *ScheduleRun `json:"last_run,omitempty"`
	Version   int64        `json:"version"`
	CreatedAt time.Time    `json:"created_at"`
	UpdatedAt time.Time    `json:"updated_at"`
}

// ScheduleRun is the result of a fire time.
type ScheduleRun struct {
	FireAt time.Time `json:"fire_at"`
	State  string    `json:"state"` // started, manual, merged, skipped, missed, failed
	Load   string    `json:"load,omitempty"`
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
}

// ScheduleSpec describes a new schedule. Cron and Every exclude each other;
// without both the schedule is manual.
type ScheduleSpec struct {
	Name     string     `json:"name,omitempty"`
	Feed     string     `json:"feed,omitempty"`   // ID; or a source and a dataset
	Source   string     `json:"source,omitempty"` // ID or name
	Dataset  string     `json:"dataset,omitempty"`
	Cron     string     `json:"cron,omitempty"`
	Every    string     `json:"every,omitempty"`
	TimeZone string     `json:"time_zone,omitempty"` // IANA name; default UTC
	StartAt  *time.Time `json:"start_at,omitempty"`
	Overlap  string     `json:"overlap,omitempty"`  // default skip
	CatchUp  string     `json:"catch_up,omitempty"` // default last
	On       string     `json:"on,omitempty"`       // events, instead of Cron and Every
	Paused   bool       `json:"paused,omitempty"`
}

// ScheduleChange is a change to a schedule; nil fields stay as they are.
type ScheduleChange struct {
	Version  int64      `json:"version,omitempty"` // that was read; 0: any
	Name     *string    `json:"name,omitempty"`
	Cron     *string    `json:"cron,omitempty"`
	Every    *string    `json:"every,omitempty"`
	TimeZone *string    `json:"time_zone,omitempty"`
	StartAt  *time.Time `json:"start_at,omitempty"`
	Overlap  *string    `json:"overlap,omitempty"`
	CatchUp  *string    `json:"catch_up,omitempty"`
}

// CreateSchedule creates a schedule.
func (c *Client) CreateSchedule(ctx context.Context, spec ScheduleSpec) (Schedule, error) {
	return ask[Schedule](ctx, c, http.MethodPost, c.in("schedules"), nil, spec)
}

// Schedules lists schedules, oldest first.
func (c *Client) Schedules(ctx context.Context, options PageOptions) (Page[Schedule], error) {
	return ask[Page[Schedule]](ctx, c, http.MethodGet, c.in("schedules"), options.query(), nil)
}

// Schedule returns a schedule by its ID or name.
func (c *Client) Schedule(ctx context.Context, idOrName string) (Schedule, error) {
	return ask[Schedule](ctx, c, http.MethodGet, c.in("schedules", idOrName), nil, nil)
}

// UpdateSchedule changes a schedule.
func (c *Client) UpdateSchedule(ctx context.Context, idOrName string, change ScheduleChange) (Schedule, error) {
	return ask[Schedule](ctx, c, http.MethodPatch, c.in("schedules", idOrName), nil, change)
}

// RemoveSchedule removes a schedule. Loads that it already started continue. See [Impact]
// for confirm.
func (c *Client) RemoveSchedule(ctx context.Context, idOrName, confirm string) error {
	return c.remove(ctx, confirm, "schedules", idOrName)
}

// PauseSchedule stops a schedule until [Client.ResumeSchedule].
func (c *Client) PauseSchedule(ctx context.Context, idOrName string) (Schedule, error) {
	return ask[Schedule](ctx, c, http.MethodPost, c.in("schedules", idOrName, "pause"), nil, nil)
}

// ResumeSchedule continues a schedule with the next fire time from now on.
func (c *Client) ResumeSchedule(ctx context.Context, idOrName string) (Schedule, error) {
	return ask[Schedule](ctx, c, http.MethodPost, c.in("schedules", idOrName, "resume"), nil, nil)
}

// RunSchedule starts a schedule's load now.
func (c *Client) RunSchedule(ctx context.Context, idOrName string) (Load, error) {
	return ask[Load](ctx, c, http.MethodPost, c.in("schedules", idOrName, "runs"), nil, nil)
}

// ScheduleRuns lists the runs of a schedule, newest first.
func (c *Client) ScheduleRuns(ctx context.Context, idOrName string, options PageOptions) (Page[ScheduleRun], error) {
	return ask[Page[ScheduleRun]](ctx, c, http.MethodGet, c.in("schedules", idOrName, "runs"), options.query(), nil)
}

// NextFireTimes returns the first fire times of a cron expression after a moment;
// the zero time is now, the empty time zone UTC.
func (c *Client) NextFireTimes(ctx context.Context, cron, timeZone string, from time.Time, count int) (
	[]time.Time, error,
) {
	answer, err := ask[struct {
		Times []time.Time `json:"times"`
	}](ctx, c, http.MethodPost, c.in("schedules", "next"), nil, struct {
		Cron     string    `json:"cron"`
		TimeZone string    `json:"time_zone,omitempty"`
		From     time.Time `json:"from,omitzero"`
		Count    int       `json:"count,omitempty"`
	}{cron, timeZone, from, count})
	return answer.Times, err
}
