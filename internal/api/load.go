package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
)

// Load is a load in the API.
type Load struct {
	ID                 string               `json:"id"`
	Kind               load.Kind            `json:"kind" enum:"load,replay,backfill,rejected,change,events" doc:"What it loads: new objects, chosen objects again, new objects of a selection, the rejected rows of another load, the rows that a schema change rejected, or objects that arrived."`
	Of                 string               `json:"of,omitempty" doc:"The load whose rejected rows are loaded again."`
	Reasons            []dataset.RejectCode `json:"reasons,omitempty" doc:"Reasons of the rejected rows to load. Absent: all."`
	Select             *load.Selection      `json:"select,omitempty" doc:"The objects of a replay or a backfill."`
	Feed               string               `json:"feed,omitempty" doc:"The feed's ID. Absent in a dry run without a feed."`
	Source             string               `json:"source" doc:"ID."`
	Dataset            string               `json:"dataset" doc:"The dataset's name, as requested."`
	DatasetID          string               `json:"dataset_id,omitempty"`
	Duplicates         engine.Duplicates    `json:"duplicates"`
	MaxRejected        *int64               `json:"max_rejected,omitempty" doc:"The load fails after more rejected rows than this. Absent: no limit."`
	MaxRejectedPercent int                  `json:"max_rejected_percent" doc:"An object fails when this percentage of its rows, and at least one, is rejected."`
	DryRun             bool                 `json:"dry_run"`
	State              load.State           `json:"state" doc:"queued, planning, reading, committing, loaded, failed, cancelled."`
	Outcome            load.Outcome         `json:"outcome,omitempty" enum:"complete,partial,nothing" doc:"For a loaded load: all objects, some objects, or nothing to load. Absent in a dry run."`
	Code               string               `json:"code,omitempty" doc:"Why the load failed or waits, for programs."`
	Progress           load.Progress        `json:"progress"`
	Problems           []load.Problem       `json:"problems" doc:"Objects that couldn't be loaded; none of their rows were. The next load tries them again."`
	Notes              []string             `json:"notes"`
	Error              string               `json:"error,omitempty"`
	Hint               string               `json:"hint,omitempty"`
	Attempt            int                  `json:"attempt"`
	CreatedAt          time.Time            `json:"created_at"`
	StartedAt          time.Time            `json:"started_at,omitzero"`
	EndedAt            time.Time            `json:"ended_at,omitzero"`
	NextAttemptAt      time.Time            `json:"next_attempt_at,omitzero" doc:"When a waiting load is tried again."`
}

type startLoadInput struct {
	InWorkspace
	InPrefer
	Body struct {
		Feed               string               `json:"feed,omitempty" maxLength:"255" doc:"A feed's ID. Either this, or a source and a dataset."`
		Source             string               `json:"source,omitempty" maxLength:"255" doc:"A source's ID or name."`
		Dataset            string               `json:"dataset,omitempty" maxLength:"255" doc:"A dataset's name; it is created if it doesn't exist."`
		Duplicates         engine.Duplicates    `json:"duplicates,omitempty" enum:"ignore,replace" doc:"What happens to a row whose index already exists. Default: the feed's setting."`
		MaxRejected        *int64               `json:"max_rejected,omitempty" minimum:"0" doc:"The load fails and keeps nothing after more rejected rows than this. Default: the feed's setting."`
		MaxRejectedPercent *int                 `json:"max_rejected_percent,omitempty" minimum:"0" maximum:"100" doc:"An object fails when this percentage of its rows, and at least one, is rejected. Default: the feed's setting."`
		DryRun             bool                 `json:"dry_run,omitempty" doc:"Plan only."`
		Kind               load.Kind            `json:"kind,omitempty" enum:"load,replay,backfill,rejected" doc:"load (default): new objects. replay: removes the rows of the chosen objects and loads the objects again, in one transaction. backfill: loads new objects of the selection at low priority. rejected: loads the rejected rows of a load that are now valid under the schema and the format."`
		Select             *load.Selection      `json:"select,omitempty" doc:"The objects of a replay or a backfill: exactly one of keys, prefix, modified, loaded, load and all."`
		Load               string               `json:"load,omitempty" maxLength:"64" doc:"Short for select.load, with the feed of that load."`
		Of                 string               `json:"of,omitempty" maxLength:"64" doc:"For rejected: the load whose rejected rows are loaded again."`
		Reasons            []dataset.RejectCode `json:"reasons,omitempty" maxItems:"20" doc:"For rejected: only rows with one of these reasons."`
	}
}

type inLoad struct {
	InWorkspace
	Load string `path:"load" maxLength:"64"`
}

type getLoadInput struct {
	InWorkspace
	InPrefer
	Load string `path:"load" maxLength:"64"`
}

type listLoadsInput struct {
	InWorkspace
	InPage
	State   string    `query:"state" enum:"queued,planning,reading,committing,loaded,failed,cancelled" doc:"Only loads in this state."`
	Kind    string    `query:"kind" enum:"load,replay,backfill,rejected,change,events" doc:"Only loads of this kind."`
	Feed    string    `query:"feed" maxLength:"255" doc:"Only loads of this feed, by ID."`
	Source  string    `query:"source" maxLength:"255" doc:"Only loads of this source, by ID or name; upload: of uploads."`
	Dataset string    `query:"dataset" maxLength:"255" doc:"Only loads into this dataset, by name or ID."`
	Since   time.Time `query:"since" doc:"Only loads created at this time or later."`
	Until   time.Time `query:"until" doc:"Only loads created before this time."`
}

type listLoadObjectsInput struct {
	InWorkspace
	InPage
	Load string `path:"load" maxLength:"64"`
}

func (a *API) loadRoutes() {
	route(a, operation("list-loads", "GET /v1/workspaces/{ws}/loads", "Loads", "List loads, newest first"), a.listLoads)
	route(a, operation("start-load", "POST /v1/workspaces/{ws}/loads", "Loads",
		"Load a source's objects into a dataset"), a.startLoad)
	route(a, operation("get-load", "GET /v1/workspaces/{ws}/loads/{load}", "Loads", "Get a load with its progress"),
		a.getLoad)
	cancel := operation("cancel-load", "POST /v1/workspaces/{ws}/loads/{load}/cancel", "Loads",
		"Cancel a load; none of its rows are kept")
	cancel.DefaultStatus = http.StatusOK
	route(a, cancel, a.cancelLoad)
	route(a, operation("list-load-objects", "GET /v1/workspaces/{ws}/loads/{load}/objects", "Loads",
		"List the objects of a load with their rows, rejected rows and states, by key"), a.listLoadObjects)
	a.watchLoadRoute()
	a.rejectRoute()
}

func (a *API) listLoads(ctx context.Context, call Call, in *listLoadsInput) (*body[paging.List[Load]], error) {
	found, err := a.config.Services.Loads.Find(ctx, call.Actor, call.Workspace, load.Filter{
		State: load.State(in.State), Kind: load.Kind(in.Kind), FeedID: in.Feed, SourceID: in.Source,
		Dataset: in.Dataset,
		Since:   in.Since, Until: in.Until,
	}, paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[Load]]{mapPage(found, toLoad)}, err
}

func (a *API) startLoad(ctx context.Context, call Call, in *startLoadInput) (*preferred[Load], error) {
	made, err := a.config.Services.Loads.Start(ctx, call.Actor, call.Workspace, load.Order{
		Feed: in.Body.Feed, Source: in.Body.Source, Dataset: in.Body.Dataset, Duplicates: in.Body.Duplicates,
		MaxRejected: in.Body.MaxRejected, MaxRejectedPercent: in.Body.MaxRejectedPercent, DryRun: in.Body.DryRun,
		Kind: in.Body.Kind, Select: in.selection(), Of: in.Body.Of, Reasons: in.Body.Reasons,
	})
	if err != nil {
		return nil, err
	}
	return a.awaitLoad(ctx, call, &in.InPrefer, made)
}

// selection returns the objects of a replay or a backfill.
func (in *startLoadInput) selection() load.Selection {
	var s load.Selection
	if in.Body.Select != nil {
		s = *in.Body.Select
	}
	s.Load = cmp.Or(s.Load, in.Body.Load)
	return s
}

func (a *API) getLoad(ctx context.Context, call Call, in *getLoadInput) (*preferred[Load], error) {
	found, err := a.config.Services.Loads.Get(ctx, call.Actor, call.Workspace, in.Load)
	if err != nil {
		return nil, err
	}
	return a.awaitLoad(ctx, call, &in.InPrefer, found)
}

// awaitLoad waits as long as the client prefers until a load ends, and returns it.
func (a *API) awaitLoad(ctx context.Context, call Call, in *InPrefer, found load.Load) (*preferred[Load], error) {
	wait, applied := in.wait()
	if wait > 0 && !found.State.Ended() {
		limited, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		err := a.config.Services.Loads.Watch(limited, call.Actor, call.Workspace, found.ID, func(l load.Load) error {
			found = l
			return nil
		})
		if err != nil && limited.Err() == nil {
			return nil, err
		}
	}
	return &preferred[Load]{applied, toLoad(found)}, nil
}

func (a *API) cancelLoad(ctx context.Context, call Call, in *inLoad) (*body[Load], error) {
	found, err := a.config.Services.Loads.Cancel(ctx, call.Actor, call.Workspace, in.Load)
	return &body[Load]{toLoad(found)}, err
}

func toLoad(l load.Load) Load {
	out := Load{
		ID: l.ID, Kind: cmp.Or(l.Kind, load.Objects), Of: l.Of, Reasons: l.Reasons, Feed: l.FeedID,
		Source: l.SourceID, Dataset: l.Dataset, DatasetID: l.DatasetID, Duplicates: l.Duplicates,
		MaxRejectedPercent: l.MaxRejectedPercent, DryRun: l.DryRun, State: l.State, Outcome: l.Outcome, Code: l.Code,
		NextAttemptAt: l.NextAttempt,
		Progress:      l.Progress, Problems: append([]load.Problem{}, l.Problems...),
		Notes: append([]string{}, l.Notes...),
		Error: l.Fault, Hint: l.Hint,
		Attempt: l.Attempt, CreatedAt: l.CreatedAt, StartedAt: l.StartedAt, EndedAt: l.EndedAt,
	}
	if l.Kind == load.Replay || l.Kind == load.Backfill {
		out.Select = &l.Select
	}
	if l.MaxRejected >= 0 {
		out.MaxRejected = &l.MaxRejected
	}
	return out
}
