package platform

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/schedule"
)

// scheduleOut is a schedule as the platform writes it.
type scheduleOut struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	DataSourceID string `json:"dataSourceId"`
	DatasetID    string `json:"datasetId"`
	Cron         string `json:"cron"`
	Start        int64  `json:"start,omitempty"`
	State        string `json:"state"`
	LastRun      int64  `json:"lastRun,omitempty"`
	NextRun      int64  `json:"nextRun,omitempty"`
	Date         int64  `json:"date"`
	Updated      int64  `json:"updated"`
}

const (
	enabled = "ENABLED"
	paused  = "PAUSED"
)

func toSchedule(s schedule.Shown) scheduleOut {
	out := scheduleOut{
		ID: s.ID, Name: s.Name, DataSourceID: s.SourceID, DatasetID: s.Dataset, Cron: s.Cron, Start: millis(s.StartAt),
		State: enabled, NextRun: millis(s.NextAt), Date: millis(s.CreatedAt), Updated: millis(s.UpdatedAt),
	}
	if s.Paused {
		out.State = paused
	}
	if s.LastRun != nil {
		out.LastRun = millis(s.LastRun.FireAt)
	}
	return out
}

func (p *Platform) scheduleRoutes() []Route {
	const list, one = "/v1/ingestion-schedules/{ws}", "/v1/ingestion-schedules/{ws}/{schedule}"
	body := []string{"application/json"}
	routes := []Route{
		{
			ID: "platform-list-schedules", Method: http.MethodGet, Path: list, Summary: "List schedules",
			Query: listParameters(), Handle: answering(p.listSchedules),
		},
		{
			ID: "platform-create-schedule", Method: http.MethodPost, Path: list, Summary: "Create a schedule",
			Description: "Without a start, it also runs immediately.", Body: body, Handle: p.withBody(p.createSchedule),
		},
		{
			ID: "platform-get-schedule", Method: http.MethodGet, Path: one, Summary: "One schedule",
			Handle: answering(p.getSchedule),
		},
		{
			ID: "platform-update-schedule", Method: http.MethodPut, Path: one, Summary: "Change a schedule",
			Body: body, Handle: p.withBody(p.updateSchedule),
		},
		{
			ID: "platform-delete-schedule", Method: http.MethodDelete, Path: one, Summary: "Remove a schedule",
			Handle: answering(p.deleteSchedule),
		},
		{
			ID: "platform-ingestion-history", Method: http.MethodGet, Path: "/v1/ingestion-history/{ws}",
			Summary: "List the runs of all schedules", Query: listParameters(), Handle: answering(p.listHistory),
		},
		{
			ID: "platform-run-schedule", Method: http.MethodPost, Path: "/v1/ingestion-history/{ws}",
			Summary:     "Run a schedule now",
			Description: "The run is added to the history.", Body: body, Handle: p.withBody(p.runSchedule),
		},
		{
			ID: "platform-ingestion-history-of", Method: http.MethodGet, Path: "/v1/ingestion-history/{ws}/{schedule}",
			Summary: "List the runs of a schedule", Query: listParameters(), Handle: answering(p.listHistory),
		},
	}
	for i := range routes {
		routes[i].Tag = tag
	}
	return routes
}

// schedule returns the schedule in the path by its ID or name, ignoring case.
func (p *Platform) schedule(r *http.Request, call Call) (schedule.Shown, error) {
	return p.scheduleCalled(r, call, r.PathValue("schedule"))
}

func (p *Platform) scheduleCalled(r *http.Request, call Call, idOrName string) (schedule.Shown, error) {
	return resolve(r.Context(), call, idOrName, lookup[schedule.Shown]{
		get: p.config.Schedules.Get, list: p.config.Schedules.List, listing: access.ScheduleList, kind: "schedule",
		names: func(s schedule.Shown) (string, string) { return s.ID, s.Name },
	})
}

func (p *Platform) listSchedules(r *http.Request, call Call) (any, error) {
	return listOf(r, call, p.config.Schedules.List,
		func(s schedule.Shown) time.Time { return s.CreatedAt }, toSchedule)
}

func (p *Platform) getSchedule(r *http.Request, call Call) (any, error) {
	found, err := p.schedule(r, call)
	if err != nil {
		return nil, err
	}
	return toSchedule(found), nil
}

// scheduleIn is the request body for a schedule; nil members weren't sent.
type scheduleIn struct {
	name, source, dataset, cron, state *string
	start                              *time.Time
}

func takeSchedule(in *taking) (s scheduleIn, err error) {
	s.name, s.cron, s.state = in.optional("name"), in.optional("cron"), in.optional("state")
	s.source, s.dataset = in.optional("dataSourceId", "dataSource"), in.optional("datasetId", "dataset")
	var start any
	ok, err := in.take(&start, "start")
	in.fail(err)
	if ok && start != "" {
		at, err := startTime(start)
		in.fail(err)
		s.start = &at
	}
	if s.state != nil && !strings.EqualFold(*s.state, enabled) && !strings.EqualFold(*s.state, paused) {
		in.fail(problem.New(problem.Invalid, "The state is %q; it must be ENABLED or PAUSED.", *s.state).
			WithReason("invalid_body"))
	}
	return s, in.end("id", "description", "date", "updated", "lastRun", "nextRun")
}

// startTime parses a time: milliseconds since 1970, or RFC 3339.
func startTime(value any) (time.Time, error) {
	switch given := value.(type) {
	case float64:
		if given >= 0 && given < 1<<53/1000 {
			return time.UnixMilli(int64(given)).UTC(), nil
		}
	case string:
		for _, layout := range []string{time.RFC3339, time.DateOnly} {
			if at, err := time.Parse(layout, given); err == nil {
				return at, nil
			}
		}
	}
	return time.Time{}, problem.New(problem.Invalid, "The start isn't a time.").WithReason("invalid_body").
		WithHint("Write it as 2024-02-29T12:30:00Z, or as milliseconds since 1970.")
}

func (s *scheduleIn) isPaused() bool { return s.state != nil && strings.EqualFold(*s.state, paused) }

func (p *Platform) createSchedule(r *http.Request, call Call, in *taking) (any, error) {
	s, err := takeSchedule(in)
	if err != nil {
		return nil, err
	}
	from, err := p.source(r, call, text(s.source))
	if err != nil {
		return nil, err
	}
	draft := schedule.Draft{
		Name: text(s.name), Source: from.ID, Dataset: text(s.dataset), Settings: schedule.Settings{Cron: text(s.cron)},
		Paused: s.isPaused(),
	}
	if s.start != nil {
		draft.StartAt = *s.start
	}
	made, err := p.config.Schedules.Create(r.Context(), call.Actor, call.Workspace, draft)
	if err != nil {
		return nil, err
	}
	run := access.Resource{Workspace: call.Workspace, Kind: "schedule", ID: made.ID}
	if s.start == nil && !made.Paused && access.Allowed(call.Actor, access.ScheduleRun, run) {
		if _, err := p.config.Schedules.Run(r.Context(), call.Actor, call.Workspace, made.ID); err != nil {
			return nil, err
		}
	}
	return thingDone{done{true, "Ingestion schedule has been created"}, made.ID, made.Name}, nil
}

func (p *Platform) updateSchedule(r *http.Request, call Call, in *taking) (any, error) {
	found, err := p.schedule(r, call)
	if err != nil {
		return nil, err
	}
	s, err := takeSchedule(in)
	if err != nil {
		return nil, err
	}
	if err := p.checkScheduled(r, call, &found, &s); err != nil {
		return nil, err
	}
	changed := found.Schedule
	if s.name != nil || s.cron != nil || s.start != nil {
		changed, err = p.config.Schedules.Update(r.Context(), call.Actor, call.Workspace, found.ID,
			schedule.Change{Name: s.name, Cron: s.cron, StartAt: s.start})
	}
	if err == nil && s.state != nil && s.isPaused() != found.Paused {
		turn := p.config.Schedules.Resume
		if s.isPaused() {
			turn = p.config.Schedules.Pause
		}
		changed, err = turn(r.Context(), call.Actor, call.Workspace, found.ID)
	}
	if err != nil {
		return nil, err
	}
	return thingDone{done{true, "Ingestion schedule has been updated"}, changed.ID, changed.Name}, nil
}

// checkScheduled returns an error if the source or dataset isn't the schedule's.
func (p *Platform) checkScheduled(r *http.Request, call Call, found *schedule.Shown, s *scheduleIn) error {
	sameSource := true
	if s.source != nil {
		from, err := p.source(r, call, *s.source)
		if err != nil {
			return err
		}
		sameSource = from.ID == found.SourceID
	}
	if !sameSource || s.dataset != nil && !strings.EqualFold(*s.dataset, found.Dataset) {
		return problem.New(problem.Conflict, "The data source and the dataset of the schedule %s can't change.",
			found.Name).WithHint("Create another schedule.")
	}
	return nil
}

func (p *Platform) deleteSchedule(r *http.Request, call Call) (any, error) {
	found, err := p.schedule(r, call)
	if err != nil {
		return nil, err
	}
	if err := p.config.Schedules.Remove(r.Context(), call.Actor, call.Workspace, found.ID); err != nil {
		return nil, err
	}
	return thingDone{done{true, "Ingestion schedule has been deleted"}, found.ID, found.Name}, nil
}

// runDone is the response to the platform's clients for a run that they
// started.
type runDone struct {
	thingDone
	JobID  string `json:"jobId"`
	JobURL string `json:"jobUrl"`
}

func (p *Platform) runSchedule(r *http.Request, call Call, in *taking) (any, error) {
	name := in.text("ingestionScheduleId", "scheduleId", "id", "name")
	if err := in.end("dataSourceId", "datasetId", "state", "date"); err != nil {
		return nil, err
	}
	if name == "" {
		return nil, problem.New(problem.Invalid, "The body has no ingestionScheduleId.").WithReason("invalid_body").
			WithHint("Name the schedule to run, by its ID or name.")
	}
	found, err := p.scheduleCalled(r, call, name)
	if err != nil {
		return nil, err
	}
	started, err := p.config.Schedules.Run(r.Context(), call.Actor, call.Workspace, found.ID)
	if err != nil {
		return nil, err
	}
	return runDone{
		thingDone{done{true, "Ingestion has been started"}, found.ID, found.Name},
		started.JobID(), jobURL(r, started.JobID()),
	}, nil
}

// runOut is a run of a schedule as the platform writes it.
type runOut struct {
	ScheduleID string `json:"ingestionScheduleId"`
	Name       string `json:"name"`
	DatasetID  string `json:"datasetId"`
	SourceID   string `json:"dataSourceId"`
	JobID      string `json:"jobId,omitempty"`
	State      string `json:"state"`
	Reason     string `json:"reason,omitempty"`
	Date       int64  `json:"date"`

	at time.Time
}

func (p *Platform) listHistory(r *http.Request, call Call) (any, error) {
	wanted, err := parseListing(r)
	if err != nil {
		return nil, err
	}
	var schedules []schedule.Shown
	if r.PathValue("schedule") == "" {
		schedules, err = all(r.Context(), call, p.config.Schedules.List)
	} else {
		var one schedule.Shown
		one, err = p.schedule(r, call)
		schedules = []schedule.Shown{one}
	}
	if err != nil {
		return nil, err
	}
	runs := []runOut{}
	for i := range schedules {
		of, err := p.runsOf(r, call, &schedules[i])
		if err != nil {
			return nil, err
		}
		runs = append(runs, of...)
	}
	slices.SortStableFunc(runs, func(a, b runOut) int { return a.at.Compare(b.at) })
	return pick(runs, wanted, func(run runOut) time.Time { return run.at }), nil
}

func (p *Platform) runsOf(r *http.Request, call Call, s *schedule.Shown) ([]runOut, error) {
	found, err := p.config.Schedules.Runs(r.Context(), call.Actor, call.Workspace, s.ID,
		paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return nil, err
	}
	runs := make([]runOut, len(found.Items))
	for i, run := range found.Items {
		started := load.Load{ID: run.LoadID}
		runs[i] = runOut{
			ScheduleID: s.ID, Name: s.Name, DatasetID: s.Dataset, SourceID: s.SourceID, JobID: started.JobID(),
			State: strings.ToUpper(string(run.State)), Reason: run.Reason, Date: millis(run.FireAt), at: run.FireAt,
		}
	}
	return runs, nil
}
