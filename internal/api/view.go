package api

import (
	"context"
	"encoding/json"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/view"
)

const viewsPath = "/v1/workspaces/{ws}/views"

// View is a view in the API.
type View struct {
	ID          string              `json:"id"`
	Kind        string              `json:"kind"                  doc:"view"`
	Name        string              `json:"name"`
	Title       string              `json:"title,omitempty"`
	Description string              `json:"description,omitempty"`
	SQL         string              `json:"sql,omitempty"         doc:"Not shown to publishable tokens."`
	Parameters  []dataset.Parameter `json:"parameters"`
	Index       viewIndex           `json:"index"`
	Columns     []NamedColumn       `json:"columns"`
	Tables      []viewTable         `json:"tables,omitempty"      doc:"The datasets and views that the SQL names. Not shown to publishable tokens."`
	Broken      string              `json:"broken,omitempty"      doc:"Why the SQL can no longer run; absent if it can, as far as is known."`
	Version     int64               `json:"version"               doc:"Each change increases it."`
	CreatedAt   time.Time           `json:"created_at"`
	UpdatedAt   time.Time           `json:"updated_at"`
}

type viewTable struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// viewIndex names the columns for finding and ordering a view's rows.
type viewIndex struct {
	Key    string `json:"key,omitempty"    maxLength:"255"`
	Subkey string `json:"subkey,omitempty" maxLength:"255"`
	Date   string `json:"date,omitempty"   maxLength:"255"`
}

func (i viewIndex) index() dataset.Index {
	return dataset.Index{Key: i.Key, Subkey: i.Subkey, Date: i.Date}
}

// Materialize is embedded in bodies. It rejects settings that views don't
// support yet.
type Materialize struct {
	Materialized json.RawMessage `json:"materialized,omitempty" doc:"Must be null or absent: materialized views aren't available yet."`
}

func (m Materialize) check() error {
	if len(m.Materialized) == 0 || string(m.Materialized) == "null" {
		return nil
	}
	return problem.New(problem.Invalid, "Materialized views aren't available yet.").WithReason("not_available").
		WithHint("Remove materialized: results are kept until a table changes.").
		WithFindings(problem.Finding{Path: "materialized", Message: "must be null"})
}

type createViewInput struct {
	InWorkspace
	Body struct {
		Name        string              `json:"name" maxLength:"255" doc:"Letters, digits and underscores; datasets and views share their names."`
		Title       string              `json:"title,omitempty" maxLength:"1000"`
		Description string              `json:"description,omitempty" maxLength:"1000"`
		SQL         string              `json:"sql" doc:"One SELECT, WITH … SELECT or VALUES. $name is a parameter."`
		Parameters  []dataset.Parameter `json:"parameters,omitempty" maxItems:"50"`
		Index       viewIndex           `json:"index,omitempty" doc:"Columns of the result that find and order rows."`
		Materialize
	}
}

// InView is embedded in the input of every route under a view.
type InView struct {
	InWorkspace
	View string `path:"view" maxLength:"255" doc:"The view's name (case-insensitive) or ID."`
}

type updateViewInput struct {
	InView
	Force bool `query:"force" doc:"Apply the change even if it breaks views that use it."`
	Body  struct {
		Name        *string              `json:"name,omitempty" maxLength:"255"`
		Title       *string              `json:"title,omitempty" maxLength:"1000"`
		Description *string              `json:"description,omitempty" maxLength:"1000"`
		SQL         *string              `json:"sql,omitempty"`
		Parameters  *[]dataset.Parameter `json:"parameters,omitempty" maxItems:"50"`
		Index       *viewIndex           `json:"index,omitempty"`
		Materialize
	}
}

type confirmViewInput struct {
	InView
	Confirm
}

type listViewsInput struct {
	InWorkspace
	InPage
}

func (a *API) viewRoutes() {
	const one, tag = viewsPath + "/{view}", "Views"
	route(a, operation("list-views", "GET "+viewsPath, tag, "List views"), a.listViews)
	route(a, operation("create-view", "POST "+viewsPath, tag,
		"Create a view: stored SQL, read like a dataset at /v1/data/{ws}/{view}"), a.createView)
	route(a, operation("get-view", "GET "+one, tag, "One view"), a.getView)
	route(a, operation("update-view", "PATCH "+one, tag, "Change a view; its SQL is compiled again"), a.updateView)
	route(a, destructive(operation("delete-view", "DELETE "+one, tag, "Remove a view")), a.deleteView)
	impactRoute(a, "get-view-impact", one, tag, "Get what stops if it is removed", a.viewImpact)
}

func (a *API) listViews(ctx context.Context, call Call, in *listViewsInput) (*body[paging.List[View]], error) {
	found, err := a.config.Services.Views.List(ctx, call.Actor, call.Workspace,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[View]]{mapPage(found, func(d dataset.Dataset) View { return showView(&call, &d) })}, err
}

func (a *API) createView(ctx context.Context, call Call, in *createViewInput) (*body[View], error) {
	if err := in.Body.check(); err != nil {
		return nil, err
	}
	made, err := a.config.Services.Views.Create(ctx, call.Actor, call.Workspace, view.Draft{
		Name: in.Body.Name, Title: in.Body.Title, Description: in.Body.Description, SQL: in.Body.SQL,
		Parameters: in.Body.Parameters, Index: in.Body.Index.index(),
	})
	return answerView(&call, made, err)
}

func (a *API) getView(ctx context.Context, call Call, in *InView) (*body[View], error) {
	found, err := a.config.Services.Views.Get(ctx, call.Actor, call.Workspace, in.View)
	return answerView(&call, found, err)
}

func (a *API) updateView(ctx context.Context, call Call, in *updateViewInput) (*body[View], error) {
	if err := in.Body.check(); err != nil {
		return nil, err
	}
	change := view.Change{
		Name: in.Body.Name, Title: in.Body.Title, Description: in.Body.Description, SQL: in.Body.SQL,
		Parameters: in.Body.Parameters,
	}
	if in.Body.Index != nil {
		index := in.Body.Index.index()
		change.Index = &index
	}
	changed, err := a.config.Services.Views.Update(ctx, call.Actor, call.Workspace, in.View, change, in.Force)
	return answerView(&call, changed, err)
}

func (a *API) viewImpact(ctx context.Context, call Call, in *InView) (impact.Impact, error) {
	return a.config.Services.Views.Impact(ctx, call.Actor, call.Workspace, in.View)
}

func (a *API) deleteView(ctx context.Context, call Call, in *confirmViewInput) (*struct{}, error) {
	return nil, a.config.Services.Views.Remove(ctx, call.Actor, call.Workspace, in.View, in.given())
}

func answerView(call *Call, d dataset.Dataset, err error) (*body[View], error) {
	if err != nil {
		return nil, err
	}
	return &body[View]{showView(call, &d)}, nil
}

// showView returns a view for the caller. It hides the SQL from publishable
// tokens, which are in web pages.
func showView(call *Call, d *dataset.Dataset) View {
	shown := View{
		ID: d.ID, Kind: d.Kind(), Name: d.Name, Title: d.Title, Description: d.Description,
		Parameters: append([]dataset.Parameter{}, d.View.Parameters...),
		Index:      viewIndex{d.Schema.Index.Key, d.Schema.Index.Subkey, d.Schema.Index.Date},
		Columns:    namedColumns(&d.Schema), Version: d.Version, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
	}
	if call.Actor.Kind == access.Publishable {
		return shown
	}
	shown.SQL, shown.Broken = d.View.SQL, d.View.Fault
	for _, t := range d.View.Tables {
		shown.Tables = append(shown.Tables, viewTable{t.ID, t.Name})
	}
	return shown
}
