package api

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/dataset/alter"
	"github.com/windlass-io/windlass/internal/paging"
)

// SchemaChange is a change of a dataset's schema, in the API.
type SchemaChange struct {
	ID         string            `json:"id"`
	Version    int64             `json:"version"        doc:"Version of the schema after the change."`
	Apply      alter.Apply       `json:"apply"`
	Operations []alter.Operation `json:"operations"`
	Rows       int64             `json:"rows"           doc:"Number of rows before the change."`
	Rejected   int64             `json:"rejected"`
	Duplicates int64             `json:"duplicates"`
	Load       string            `json:"load,omitempty" doc:"The load of kind change that has the rejected rows."`
	By         string            `json:"by"             doc:"Who made the change."`
	At         time.Time         `json:"at"`
}

type changeSchemaInput struct {
	InDataset
	Body struct {
		Version    int64             `json:"version" minimum:"1" doc:"The version of the schema that you read. If it has changed, the call fails with a conflict."`
		Apply      alter.Apply       `json:"apply,omitempty" enum:"leave,convert" default:"leave" doc:"leave: rows stay unchanged, and must be valid under the new schema. convert: rows are converted in place."`
		DryRun     bool              `json:"dry_run,omitempty" doc:"Change nothing, and return what the change would do."`
		AcceptLoss bool              `json:"accept_loss,omitempty" doc:"Convert even if rows are rejected or values are rounded."`
		Force      bool              `json:"force,omitempty" doc:"Apply the change even if it breaks views."`
		Operations []alter.Operation `json:"operations" minItems:"1" maxItems:"1000" doc:"Applied in this order, all or none."`
	}
}

type listSchemaChangesInput struct {
	InDataset
	InPage
}

// DatasetDrift is a difference between the objects of a load and the schema that its dataset
// had before.
type DatasetDrift struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
	dataset.DriftFacts
	Load string `json:"load" doc:"The load that found it."`
}

func (a *API) schemaRoutes() {
	const schema, tag = "/v1/workspaces/{ws}/datasets/{dataset}/schema", "Datasets"
	route(a, answering(operation("change-schema", "POST "+schema, tag,
		"Change the columns or the index of a dataset, with or without rows")), a.changeSchema)
	route(a, operation("list-schema-changes", "GET "+schema+"/changes", tag,
		"List the changes of a dataset's schema, newest first"), a.listSchemaChanges)
	route(a, operation("list-drift", "GET /v1/workspaces/{ws}/datasets/{dataset}/drift", tag,
		"List how objects differed from the schema of a dataset, newest first"), a.listDrift)
}

func (a *API) changeSchema(ctx context.Context, call Call, in *changeSchemaInput) (*body[*alter.Report], error) {
	report, err := a.config.Services.Schemas.Change(ctx, call.Actor, call.Workspace, in.Dataset, alter.Order{
		Version: in.Body.Version, Apply: in.Body.Apply, DryRun: in.Body.DryRun, AcceptLoss: in.Body.AcceptLoss,
		Force: in.Body.Force, Operations: in.Body.Operations,
	})
	return &body[*alter.Report]{report}, err
}

func (a *API) listSchemaChanges(ctx context.Context, call Call, in *listSchemaChangesInput) (
	*body[paging.List[SchemaChange]], error,
) {
	found, err := a.config.Services.Schemas.Changes(ctx, call.Actor, call.Workspace, in.Dataset,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[SchemaChange]]{mapPage(found, toSchemaChange)}, err
}

func (a *API) listDrift(ctx context.Context, call Call, in *listSchemaChangesInput) (
	*body[paging.List[DatasetDrift]], error,
) {
	found, err := a.config.Services.Datasets.Drift(ctx, call.Actor, call.Workspace, in.Dataset,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[DatasetDrift]]{mapPage(found, func(d dataset.Drift) DatasetDrift {
		return DatasetDrift{ID: d.ID, At: d.At, DriftFacts: d.DriftFacts, Load: d.LoadID}
	})}, err
}

func toSchemaChange(c alter.Change) SchemaChange {
	return SchemaChange{
		ID: c.ID, Version: c.Version, Apply: c.Apply, Operations: c.Operations, Rows: c.Report.Rows,
		Rejected: c.Report.Rejected, Duplicates: c.Report.Duplicates, Load: c.LoadID, By: c.By, At: c.At,
	}
}
