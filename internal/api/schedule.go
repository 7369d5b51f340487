package api

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/patch"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/schedule"
)

// Schedule is a schedule in the API.
type Schedule struct {
	ID        string           `json:"id"`
	Name      string           `json:"name"`
	Feed      string           `json:"feed,omitempty" doc:"ID of the feed, which has the source and the dataset."`
	Source    string           `json:"source" doc:"The source's ID."`
	Dataset   string           `json:"dataset" doc:"The dataset's name. The first load creates it."`
	Cron      string           `json:"cron,omitempty"`
	Every     string           `json:"every,omitempty" doc:"An interval such as 15m, 6h or 7d. Without cron and every, the schedule is manual."`
	TimeZone  string           `json:"time_zone" doc:"IANA name, for cron."`
	StartAt   time.Time        `json:"start_at,omitzero" doc:"No fire time is earlier."`
	Overlap   schedule.Overlap `json:"overlap" doc:"What happens while the last load hasn't ended: skip, or queue one load."`
	On        schedule.Trigger `json:"on,omitempty" doc:"events: it fires when the source's bucket events report new objects."`
	CatchUp   schedule.CatchUp `json:"catch_up" doc:"Which missed fire times start a load after an outage: the last one of the last 24 hours, none, or all, at most 24."`
	Paused    bool             `json:"paused"`
	NextRuns  []time.Time      `json:"next_runs" doc:"The next three fire times."`
	LastRun   *ScheduleRun     `json:"last_run,omitempty"`
	Version   int64            `json:"version"`
	CreatedAt time.Time        `json:"created_at"`
	UpdatedAt time.Time        `json:"updated_at"`
}

// ScheduleRun is the result of a fire time, in the API.
type ScheduleRun struct {
	FireAt time.Time         `json:"fire_at"`
	State  schedule.RunState `json:"state" doc:"started, manual, merged (into a waiting load), skipped, missed or failed."`
	Load   string            `json:"load,omitempty" doc:"The load that it started or was merged into."`
	Reason string            `json:"reason,omitempty" doc:"Why no load was started."`
	At     time.Time         `json:"at" doc:"When it was noticed."`
}

// FireTimes are fire times of a cron expression.
type FireTimes struct {
	Times []time.Time `json:"times"`
}

// ScheduleTimes are embedded in bodies: the members of a schedule that say when it fires.
type ScheduleTimes struct {
	Cron     *string           `json:"cron,omitempty" maxLength:"512" doc:"Minute, hour, day, month and weekday, such as 0 6 * * 1-5; or @hourly, @daily, @weekly, @monthly, @yearly."`
	Every    *string           `json:"every,omitempty" maxLength:"16" doc:"An interval from 1m to 366d, such as 15m, 6h or 7d. Either this or cron."`
	TimeZone *string           `json:"time_zone,omitempty" maxLength:"64" doc:"IANA name, such as Europe/Berlin; default UTC."`
	StartAt  *time.Time        `json:"start_at,omitempty" doc:"No fire time is earlier, and every counts from it. Default of every: the minute in which the schedule is created."`
	Overlap  *schedule.Overlap `json:"overlap,omitempty" enum:"skip,queue" doc:"Default skip."`
	CatchUp  *schedule.CatchUp `json:"catch_up,omitempty" enum:"last,none,all" doc:"Default last."`
	On       *schedule.Trigger `json:"on,omitempty" enum:"events" doc:"events: fire when objects arrive, instead of cron and every."`
}

// InSchedule is embedded in the input of every route under a schedule.
type InSchedule struct {
	InWorkspace
	Schedule string `path:"schedule" maxLength:"255" doc:"The schedule's ID or name."`
}

// Removing a schedule affects nothing else, so confirm is never needed.
type confirmScheduleInput struct {
	InSchedule
	Confirm
}

type listSchedulesInput struct {
	InWorkspace
	InPage
}

type createScheduleInput struct {
	InWorkspace
	Body struct {
		Name    string `json:"name,omitempty" maxLength:"255" doc:"Default: generated."`
		Feed    string `json:"feed,omitempty" maxLength:"255" doc:"The feed, by ID. Either this, or a source and a dataset."`
		Source  string `json:"source,omitempty" maxLength:"255" doc:"The source, by ID or name."`
		Dataset string `json:"dataset,omitempty" maxLength:"255" doc:"The dataset, by name."`
		ScheduleTimes
		Paused bool `json:"paused,omitempty"`
	}
}

type updateScheduleInput struct {
	InSchedule
	Body struct {
		Version int64   `json:"version,omitempty" doc:"The version that you read. If it has changed, the call fails with a conflict. Default: any."`
		Name    *string `json:"name,omitempty" maxLength:"255"`
		ScheduleTimes
	}
}

type listScheduleRunsInput struct {
	InSchedule
	InPage
}

type nextFireTimesInput struct {
	InWorkspace
	Body struct {
		Cron     string    `json:"cron" maxLength:"512"`
		TimeZone string    `json:"time_zone,omitempty" maxLength:"64" doc:"Default UTC."`
		From     time.Time `json:"from,omitempty" doc:"Default: now."`
		Count    int       `json:"count,omitempty" minimum:"1" maximum:"100" default:"3"`
	}
}

func (a *API) scheduleRoutes() {
	const all, one, tag = "/v1/workspaces/{ws}/schedules", "/v1/workspaces/{ws}/schedules/{schedule}", "Schedules"
	route(a, operation("list-schedules", "GET "+all, tag, "List schedules, oldest first"), a.listSchedules)
	route(a, operation("create-schedule", "POST "+all, tag, "Create a schedule that loads a source into a dataset"),
		a.createSchedule)
	route(a, answering(operation("next-fire-times", "POST "+all+"/next", tag,
		"Get the next fire times of a cron expression")), a.nextFireTimes)
	route(a, operation("get-schedule", "GET "+one, tag, "One schedule"), a.getSchedule)
	route(a, operation("update-schedule", "PATCH "+one, tag, "Change a schedule; it applies to later fire times"),
		a.updateSchedule)
	route(a, destructive(operation("delete-schedule", "DELETE "+one, tag,
		"Remove a schedule; running loads continue")), a.deleteSchedule)
	impactRoute(a, "get-schedule-impact", one, tag, "Get what stops if it is removed", a.scheduleImpact)
	route(a, answering(operation("pause-schedule", "POST "+one+"/pause", tag,
		"Pause a schedule; fire times during the pause are skipped")), a.pauseSchedule)
	route(a, answering(operation("resume-schedule", "POST "+one+"/resume", tag,
		"Resume a schedule with the next fire time")), a.resumeSchedule)
	route(a, operation("run-schedule", "POST "+one+"/runs", tag, "Start a load now; fire times don't change"),
		a.runSchedule)
	route(a, operation("list-schedule-runs", "GET "+one+"/runs", tag,
		"List the results of the fire times, newest first"), a.listScheduleRuns)
}

func (a *API) listSchedules(ctx context.Context, call Call, in *listSchedulesInput) (
	*body[paging.List[Schedule]], error,
) {
	found, err := a.config.Services.Schedules.List(ctx, call.Actor, call.Workspace,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[Schedule]]{mapPage(found, toSchedule)}, err
}

func (a *API) createSchedule(ctx context.Context, call Call, in *createScheduleInput) (*body[Schedule], error) {
	draft := schedule.Draft{
		Name: in.Body.Name, Feed: in.Body.Feed,
		Source: in.Body.Source, Dataset: in.Body.Dataset, Paused: in.Body.Paused,
	}
	if err := in.Body.addTo(&draft); err != nil {
		return nil, err
	}
	made, err := a.config.Services.Schedules.Create(ctx, call.Actor, call.Workspace, draft)
	if err != nil {
		return nil, err
	}
	return a.shownSchedule(ctx, made)
}

// addTo sets when a schedule fires.
func (t *ScheduleTimes) addTo(draft *schedule.Draft) error {
	every, err := t.every()
	if err != nil {
		return err
	}
	patch.Set(&draft.Cron, t.Cron)
	patch.Set(&draft.Every, every)
	patch.Set(&draft.TimeZone, t.TimeZone)
	patch.Set(&draft.StartAt, t.StartAt)
	patch.Set(&draft.Overlap, t.Overlap)
	patch.Set(&draft.CatchUp, t.CatchUp)
	patch.Set(&draft.On, t.On)
	return nil
}

// every parses the interval; nil if the request has none.
func (t *ScheduleTimes) every() (*time.Duration, error) {
	if t.Every == nil {
		return nil, nil
	}
	every, err := schedule.ParseEvery(*t.Every)
	if err != nil {
		return nil, problem.New(problem.Invalid, "The schedule is invalid: every: %s.", err.Error()).
			WithFindings(problem.Finding{Path: "every", Message: err.Error()})
	}
	return &every, nil
}

// shownSchedule returns a changed schedule with its runs.
func (a *API) shownSchedule(ctx context.Context, changed schedule.Schedule) (*body[Schedule], error) {
	shown, err := a.config.Services.Schedules.Show(ctx, changed)
	return &body[Schedule]{toSchedule(shown)}, err
}

func (a *API) getSchedule(ctx context.Context, call Call, in *InSchedule) (*body[Schedule], error) {
	found, err := a.config.Services.Schedules.Get(ctx, call.Actor, call.Workspace, in.Schedule)
	return &body[Schedule]{toSchedule(found)}, err
}

func (a *API) updateSchedule(ctx context.Context, call Call, in *updateScheduleInput) (*body[Schedule], error) {
	every, err := in.Body.every()
	if err != nil {
		return nil, err
	}
	changed, err := a.config.Services.Schedules.Update(ctx, call.Actor, call.Workspace, in.Schedule, schedule.Change{
		Version: in.Body.Version, Name: in.Body.Name, Cron: in.Body.Cron, TimeZone: in.Body.TimeZone, Every: every,
		StartAt: in.Body.StartAt, Overlap: in.Body.Overlap, CatchUp: in.Body.CatchUp, On: in.Body.On,
	})
	if err != nil {
		return nil, err
	}
	return a.shownSchedule(ctx, changed)
}

func (a *API) scheduleImpact(ctx context.Context, call Call, in *InSchedule) (impact.Impact, error) {
	return a.config.Services.Schedules.Impact(ctx, call.Actor, call.Workspace, in.Schedule)
}

func (a *API) deleteSchedule(ctx context.Context, call Call, in *confirmScheduleInput) (*struct{}, error) {
	return nil, a.config.Services.Schedules.Remove(ctx, call.Actor, call.Workspace, in.Schedule)
}

func (a *API) pauseSchedule(ctx context.Context, call Call, in *InSchedule) (*body[Schedule], error) {
	changed, err := a.config.Services.Schedules.Pause(ctx, call.Actor, call.Workspace, in.Schedule)
	if err != nil {
		return nil, err
	}
	return a.shownSchedule(ctx, changed)
}

func (a *API) resumeSchedule(ctx context.Context, call Call, in *InSchedule) (*body[Schedule], error) {
	changed, err := a.config.Services.Schedules.Resume(ctx, call.Actor, call.Workspace, in.Schedule)
	if err != nil {
		return nil, err
	}
	return a.shownSchedule(ctx, changed)
}

func (a *API) runSchedule(ctx context.Context, call Call, in *InSchedule) (*body[Load], error) {
	made, err := a.config.Services.Schedules.Run(ctx, call.Actor, call.Workspace, in.Schedule)
	return &body[Load]{toLoad(made)}, err
}

func (a *API) listScheduleRuns(ctx context.Context, call Call, in *listScheduleRunsInput) (
	*body[paging.List[ScheduleRun]], error,
) {
	found, err := a.config.Services.Schedules.Runs(ctx, call.Actor, call.Workspace, in.Schedule,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[ScheduleRun]]{mapPage(found, toScheduleRun)}, err
}

func (a *API) nextFireTimes(ctx context.Context, call Call, in *nextFireTimesInput) (*body[FireTimes], error) {
	times, err := a.config.Services.Schedules.Next(ctx, call.Actor, call.Workspace, in.Body.Cron, in.Body.TimeZone,
		in.Body.From, in.Body.Count)
	return &body[FireTimes]{FireTimes{times}}, err
}

func toSchedule(s schedule.Shown) Schedule {
	out := Schedule{
		ID: s.ID, Name: s.Name, Feed: s.FeedID, Source: s.SourceID, Dataset: s.Dataset, Cron: s.Cron,
		Every: schedule.FormatEvery(s.Every), TimeZone: s.TimeZone, StartAt: s.StartAt, Overlap: s.Overlap,
		CatchUp: s.CatchUp, On: s.On, Paused: s.Paused, NextRuns: s.NextRuns, Version: s.Version,
		CreatedAt: s.CreatedAt,
		UpdatedAt: s.UpdatedAt,
	}
	if s.LastRun != nil {
		last := toScheduleRun(*s.LastRun)
		out.LastRun = &last
	}
	return out
}

func toScheduleRun(r schedule.Run) ScheduleRun {
	return ScheduleRun{FireAt: r.FireAt, State: r.State, Load: r.LoadID, Reason: r.Reason, At: r.At}
}
