package api

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
)

// Load is a load as the API tells it.
type Load struct {
	ID          string            `json:"id"`
	Source      string            `json:"source" doc:"ID."`
	Dataset     string            `json:"dataset" doc:"The dataset's name as asked for."`
	DatasetID   string            `json:"dataset_id,omitempty"`
	Duplicates  engine.Duplicates `json:"duplicates"`
	MaxRejected *int64            `json:"max_rejected,omitempty" doc:"Over so many rejected rows the load fails; absent: any number."`
	DryRun      bool              `json:"dry_run"`
	State       load.State        `json:"state" doc:"queued, planning, reading, committing, loaded, failed, cancelled."`
	Progress    load.Progress     `json:"progress"`
	Problems    []load.Problem    `json:"problems" doc:"Objects that could not be read; nothing of them was loaded."`
	Notes       []string          `json:"notes"`
	Error       string            `json:"error,omitempty"`
	Hint        string            `json:"hint,omitempty"`
	Attempt     int               `json:"attempt"`
	CreatedAt   time.Time         `json:"created_at"`
	StartedAt   time.Time         `json:"started_at,omitzero"`
	EndedAt     time.Time         `json:"ended_at,omitzero"`
}

type startLoadInput struct {
	InWorkspace
	Body struct {
		Source      string            `json:"source" maxLength:"255" doc:"A source's ID or name."`
		Dataset     string            `json:"dataset" maxLength:"255" doc:"A dataset's name; it is created if it doesn't exist."`
		Duplicates  engine.Duplicates `json:"duplicates,omitempty" enum:"ignore,replace" doc:"What happens to a row whose index is there already; default ignore."`
		MaxRejected *int64            `json:"max_rejected,omitempty" minimum:"0" doc:"Default: any number."`
		DryRun      bool              `json:"dry_run,omitempty" doc:"Plan only."`
	}
}

type inLoad struct {
	InWorkspace
	Load string `path:"load" maxLength:"64"`
}

type listLoadsInput struct {
	InWorkspace
	InPage
}

func (a *API) loadRoutes() {
	route(a, operation("list-loads", "GET /v1/workspaces/{ws}/loads", "Loads", "List loads, newest first"), a.listLoads)
	route(a, operation("start-load", "POST /v1/workspaces/{ws}/loads", "Loads",
		"Load a source's objects into a dataset"), a.startLoad)
	route(a, operation("get-load", "GET /v1/workspaces/{ws}/loads/{load}", "Loads", "One load, with its progress"),
		a.getLoad)
	cancel := operation("cancel-load", "POST /v1/workspaces/{ws}/loads/{load}/cancel", "Loads",
		"End a load; nothing of it is kept")
	cancel.DefaultStatus = http.StatusOK
	route(a, cancel, a.cancelLoad)
	rejects := operation("get-load-rejects", "GET /v1/workspaces/{ws}/loads/{load}/rejects", "Loads",
		"The rejected rows, as CSV")
	rejects.Parameters = pathParameters("ws", "load")
	rejects.Responses = map[string]*huma.Response{
		"200": {
			Description: "CSV: jobId (first row only), lineNumber, error, object, column, value",
			Content:     map[string]*huma.MediaType{"text/csv": {}},
		},
	}
	a.raw(rejects, a.loadRejects)
}

func (a *API) listLoads(ctx context.Context, call Call, in *listLoadsInput) (*body[paging.List[Load]], error) {
	found, err := a.config.Services.Loads.List(ctx, call.Actor, call.Workspace,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[Load]]{mapPage(found, toLoad)}, err
}

func (a *API) startLoad(ctx context.Context, call Call, in *startLoadInput) (*body[Load], error) {
	made, err := a.config.Services.Loads.Start(ctx, call.Actor, call.Workspace, load.Order{
		Source: in.Body.Source, Dataset: in.Body.Dataset, Duplicates: in.Body.Duplicates,
		MaxRejected: in.Body.MaxRejected, DryRun: in.Body.DryRun,
	})
	return &body[Load]{toLoad(made)}, err
}

func (a *API) getLoad(ctx context.Context, call Call, in *inLoad) (*body[Load], error) {
	found, err := a.config.Services.Loads.Get(ctx, call.Actor, call.Workspace, in.Load)
	return &body[Load]{toLoad(found)}, err
}

func (a *API) cancelLoad(ctx context.Context, call Call, in *inLoad) (*body[Load], error) {
	found, err := a.config.Services.Loads.Cancel(ctx, call.Actor, call.Workspace, in.Load)
	return &body[Load]{toLoad(found)}, err
}

// loadRejects writes the rejected rows in the platform's columns, with the
// object, the column and the value beside them.
func (a *API) loadRejects(w http.ResponseWriter, r *http.Request, call Call) error {
	loadID := r.PathValue("load")
	found, err := a.config.Services.Loads.Get(r.Context(), call.Actor, call.Workspace, loadID)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s-invalid-records.csv"`, found.Dataset,
		loadID))
	return a.spooled(w, r, func(w io.Writer) (answered bool, err error) { //nolint:contextcheck // the request carries the context
		return false, a.writeRejects(r.Context(), w, call, loadID)
	}, nil)
}

func (a *API) writeRejects(ctx context.Context, w io.Writer, call Call, loadID string) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"jobId", "lineNumber", "error", "object", "column", "value"}) // Flush keeps the error
	first := loadID
	err := a.config.Services.Loads.Rejects(ctx, call.Actor, call.Workspace, loadID, func(row dataset.Rejected) error {
		record := []string{
			first, strconv.FormatInt(row.Line, 10), load.ErrorText(row), row.Object, row.Column,
			row.Value,
		}
		first = ""
		return out.Write(record)
	})
	out.Flush()
	return errors.Join(err, out.Error())
}

func toLoad(l load.Load) Load {
	out := Load{
		ID: l.ID, Source: l.SourceID, Dataset: l.Dataset, DatasetID: l.DatasetID, Duplicates: l.Duplicates,
		DryRun: l.DryRun, State: l.State,
		Progress: l.Progress, Problems: append([]load.Problem{}, l.Problems...), Notes: append([]string{}, l.Notes...),
		Error: l.Fault, Hint: l.Hint,
		Attempt: l.Attempt, CreatedAt: l.CreatedAt, StartedAt: l.StartedAt, EndedAt: l.EndedAt,
	}
	if l.MaxRejected >= 0 {
		out.MaxRejected = &l.MaxRejected
	}
	return out
}
