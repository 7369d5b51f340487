package api

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
)

// Dataset is a dataset in the API.
type Dataset struct {
	ID          string        `json:"id"`
	Kind        string        `json:"kind"                  doc:"dataset, or view: a stored statement, see /views."`
	Name        string        `json:"name"`
	Title       string        `json:"title,omitempty"`
	Description string        `json:"description,omitempty"`
	Columns     []NamedColumn `json:"columns"`
	Index       shownIndex    `json:"index"`
	Version     int64         `json:"version"               doc:"Version of the schema. Each change increases it, including changes by loads."`
	Rows        int64         `json:"rows"`
	Bytes       int64         `json:"bytes"                 doc:"An estimate."`
	CreatedAt   time.Time     `json:"created_at"`
	UpdatedAt   time.Time     `json:"updated_at"            doc:"When the description changed; see loaded_at for the rows."`
	LoadedAt    time.Time     `json:"loaded_at,omitzero"`
	RemovedAt   time.Time     `json:"removed_at,omitzero"   doc:"You can restore it for 24 hours from then."`
}

type createDatasetInput struct {
	InWorkspace
	Body struct {
		Name        string           `json:"name" maxLength:"255" doc:"Letters, digits and underscores."`
		Title       string           `json:"title,omitempty" maxLength:"1000"`
		Description string           `json:"description,omitempty" maxLength:"1000"`
		Columns     []dataset.Column `json:"columns" maxItems:"10000"`
		Index       *datasetIndex    `json:"index,omitempty"`
	}
}

type updateDatasetInput struct {
	InDataset
	Body struct {
		Name        *string       `json:"name,omitempty" maxLength:"255"`
		Title       *string       `json:"title,omitempty" maxLength:"1000"`
		Description *string       `json:"description,omitempty" maxLength:"1000"`
		Index       *datasetIndex `json:"index,omitempty" doc:"Allowed while the dataset has no rows, or if it equals the suggestion."`
		Force       bool          `json:"force,omitempty" doc:"Rename it even if this breaks views that can't be rewritten."`
	}
}

// shownIndex is an index with, if it was guessed, a suggestion.
type shownIndex struct {
	dataset.Index
	Suggestion *indexSuggestion `json:"suggestion,omitempty" doc:"Only for a guessed index whose values are unique."`
}

// indexSuggestion is an index that may be declared as unique.
type indexSuggestion struct {
	Key      string `json:"key,omitempty"`
	Subkey   string `json:"subkey,omitempty"`
	Date     string `json:"date,omitempty"`
	Unique   bool   `json:"unique"`
	Rows     int64  `json:"rows"             doc:"Rows that were compared."`
	Distinct int64  `json:"distinct"         doc:"Distinct index values among them."`
}

func showIndex(index dataset.Index, rows int64) shownIndex {
	shown := shownIndex{Index: index}
	shown.Distinct = false // the suggestion shows it
	if index.Guessed {
		shown.Unique = false
	}
	if index.Guessed && index.Distinct && rows > 0 {
		shown.Suggestion = &indexSuggestion{
			Key: index.Key, Subkey: index.Subkey, Date: index.Date, Unique: true, Rows: rows, Distinct: rows,
		}
	}
	return shown
}

// NamedColumn is a column with its name in SQL.
type NamedColumn struct {
	dataset.Column
	SQLName string   `json:"sql_name"       doc:"The column's name in SQL: its name in lower case, unique by _2."`
	From    []string `json:"from,omitempty" doc:"Former names, which files may still use."`
}

func namedColumns(schema *dataset.Schema) []NamedColumn {
	named := make([]NamedColumn, len(schema.Columns))
	for i, name := range dataset.SQLNames(schema.Columns) {
		named[i] = NamedColumn{Column: schema.Columns[i], SQLName: name}
		for _, former := range slices.Sorted(maps.Keys(schema.Renamed)) {
			if schema.Renamed[former] == schema.Columns[i].Name {
				named[i].From = append(named[i].From, former)
			}
		}
	}
	return named
}

// declared returns columns whose types a person set.
func declared(columns []dataset.Column) []dataset.Column {
	for i := range columns {
		columns[i].Declared = true
	}
	return columns
}

// datasetIndex is an index that a caller declares, which is therefore not guessed.
type datasetIndex struct {
	Key    string `json:"key,omitempty"    maxLength:"255"`
	Subkey string `json:"subkey,omitempty" maxLength:"255"`
	Date   string `json:"date,omitempty"   maxLength:"255"`
	Unique bool   `json:"unique,omitempty"                 doc:"Rows with equal index values are duplicates, and only one is kept."`
}

// InDataset is embedded in the input of every route under a dataset.
type InDataset struct {
	InWorkspace
	Dataset string `path:"dataset" maxLength:"255" doc:"The dataset's name (case-insensitive) or ID."`
}

type listDatasetsInput struct {
	InWorkspace
	InPage
	Removed bool `query:"removed" doc:"List removed ones that can be restored instead, the last removed first, in one response."`
}

type confirmDatasetInput struct {
	InDataset
	Confirm
}

func (a *API) datasetRoutes() {
	route(a, operation("list-datasets", "GET /v1/workspaces/{ws}/datasets", "Datasets", "List datasets and views"),
		a.listDatasets)
	route(a, operation("create-dataset", "POST /v1/workspaces/{ws}/datasets", "Datasets",
		"Create a dataset (a load also creates one)"), a.createDataset)
	route(a, operation("get-dataset", "GET /v1/workspaces/{ws}/datasets/{dataset}", "Datasets", "One dataset"),
		a.getDataset)
	route(a, operation("update-dataset", "PATCH /v1/workspaces/{ws}/datasets/{dataset}", "Datasets",
		"Rename or describe a dataset"), a.updateDataset)
	route(a, destructive(operation("delete-dataset", "DELETE /v1/workspaces/{ws}/datasets/{dataset}", "Datasets",
		"Remove a dataset with its rows; you can restore it for 24 hours")), a.deleteDataset)
	route(a, answering(operation("restore-dataset", "POST /v1/workspaces/{ws}/datasets/{dataset}/restore", "Datasets",
		"Undo a removal")), a.restoreDataset)
	impactRoute(a, "get-dataset-impact", "/v1/workspaces/{ws}/datasets/{dataset}", "Datasets",
		"Get what stops and is deleted if it is removed", a.datasetImpact)
}

func (a *API) listDatasets(ctx context.Context, call Call, in *listDatasetsInput) (*body[paging.List[Dataset]], error) {
	found, err := a.datasets(ctx, call, in)
	if err != nil {
		return nil, err
	}
	out := paging.List[Dataset]{Items: make([]Dataset, len(found.Items)), Next: found.Next}
	for i, d := range found.Items {
		if out.Items[i], err = a.withColumns(ctx, d); err != nil {
			return nil, err
		}
	}
	return &body[paging.List[Dataset]]{out}, nil
}

func (a *API) datasets(ctx context.Context, call Call, in *listDatasetsInput) (paging.List[dataset.Dataset], error) {
	if in.Removed {
		found, err := a.config.Services.Datasets.Removed(ctx, call.Actor, call.Workspace)
		return paging.List[dataset.Dataset]{Items: found}, err
	}
	return a.config.Services.Datasets.ListReadables(ctx, call.Actor, call.Workspace,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
}

func (a *API) restoreDataset(ctx context.Context, call Call, in *InDataset) (*body[Dataset], error) {
	restored, err := a.config.Services.Datasets.Restore(ctx, call.Actor, call.Workspace, in.Dataset)
	return a.answerDataset(ctx, restored, err)
}

func (a *API) createDataset(ctx context.Context, call Call, in *createDatasetInput) (*body[Dataset], error) {
	draft := dataset.Draft{
		Name: in.Body.Name, Title: in.Body.Title, Description: in.Body.Description,
		Schema: dataset.Schema{Columns: declared(in.Body.Columns)},
	}
	if in.Body.Index != nil {
		draft.Schema.Index = in.Body.Index.index()
	}
	made, err := a.config.Services.Datasets.Create(ctx, call.Actor, call.Workspace, draft)
	return a.answerDataset(ctx, made, err)
}

func (a *API) getDataset(ctx context.Context, call Call, in *InDataset) (*body[Dataset], error) {
	found, err := a.config.Services.Datasets.Get(ctx, call.Actor, call.Workspace, in.Dataset)
	return a.answerDataset(ctx, found, err)
}

func (a *API) updateDataset(ctx context.Context, call Call, in *updateDatasetInput) (*body[Dataset], error) {
	change := dataset.Change{
		Name:        in.Body.Name,
		Title:       in.Body.Title,
		Description: in.Body.Description,
		Force:       in.Body.Force,
	}
	if in.Body.Index != nil {
		index := in.Body.Index.index()
		change.Index = &index
	}
	changed, err := a.config.Services.Datasets.Update(ctx, call.Actor, call.Workspace, in.Dataset, change)
	return a.answerDataset(ctx, changed, err)
}

func (a *API) datasetImpact(ctx context.Context, call Call, in *InDataset) (impact.Impact, error) {
	return a.config.Services.Datasets.Impact(ctx, call.Actor, call.Workspace, in.Dataset)
}

func (a *API) deleteDataset(ctx context.Context, call Call, in *confirmDatasetInput) (*struct{}, error) {
	_, err := a.config.Services.Datasets.Remove(ctx, call.Actor, call.Workspace, in.Dataset, in.given())
	return nil, err
}

func (a *API) answerDataset(ctx context.Context, d dataset.Dataset, err error) (*body[Dataset], error) {
	if err != nil {
		return nil, err
	}
	out, err := a.withColumns(ctx, d)
	return &body[Dataset]{out}, err
}

func (a *API) withColumns(ctx context.Context, d dataset.Dataset) (Dataset, error) {
	var stats engine.Stats
	var err error
	if d.View == nil {
		stats, err = a.config.Services.Rows.Stats(ctx, d.ID)
	}
	return Dataset{
		ID: d.ID, Kind: d.Kind(), Name: d.Name, Title: d.Title, Description: d.Description,
		Columns: namedColumns(&d.Schema), Index: showIndex(d.Schema.Index, stats.Rows),
		Version: d.Version,
		Rows:    stats.Rows, Bytes: stats.Bytes, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
		LoadedAt:  stats.Updated,
		RemovedAt: d.RemovedAt,
	}, err
}

func (i *datasetIndex) index() dataset.Index {
	return dataset.Index{Key: i.Key, Subkey: i.Subkey, Date: i.Date, Unique: i.Unique}
}
