package platform

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/dataset/alter"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/problem"
)

// datasetOut is a dataset as the platform writes it.
type datasetOut struct {
	DatasetID           string    `json:"datasetId"`
	Title               string    `json:"title"`
	Description         string    `json:"description"`
	Schema              schemaOut `json:"schema"`
	ColumnMapping       mapping   `json:"columnMapping"`
	SmartLinkAttributes []string  `json:"smartLinkAttributes"`
	Date                int64     `json:"date"`
	Updated             int64     `json:"updated"`
	Keys                int64     `json:"keys"`
	Records             int64     `json:"records"`
}

// datasetMembers has the members of a [datasetOut] that clients may send back,
// and members of the platform that have no effect here.
var datasetMembers = []string{
	"date", "updated", "keys", "records", "parentDatasetId", "smartLinkAttributes", "symbologyColumn", "source",
	"email",
}

// datasetDone is the platform's response to a change of a dataset.
type datasetDone struct {
	done
	DatasetID string `json:"datasetId"`
}

func (p *Platform) datasetRoutes() []Route {
	list, json := answering(p.listDatasets), []string{"application/json"}
	routes := []Route{
		{ID: "platform-list-schemas", Method: http.MethodGet, Path: "/v1/data", Summary: "List datasets", Handle: list},
		{
			ID: "platform-list-schemas-of", Method: http.MethodGet, Path: "/v1/data/{ws}", Summary: "List datasets",
			Handle: list,
		},
		{
			ID: "platform-list-datasets", Method: http.MethodGet, Path: "/v1/datasets/{ws}", Summary: "List datasets",
			Handle: list,
		},
		{
			ID: "platform-create-dataset", Method: http.MethodPost, Path: "/v1/datasets/{ws}", Body: json,
			Summary: "Create a dataset", Handle: p.withBody(p.createDataset),
		},
		{
			ID: "platform-get-dataset", Method: http.MethodGet, Path: "/v1/datasets/{ws}/{dataset}",
			Summary: "One dataset", Handle: answering(p.getDataset),
		},
		{
			ID: "platform-replace-dataset", Method: http.MethodPost, Path: "/v1/datasets/{ws}/{dataset}", Body: json,
			Summary: "Replace a dataset's definition", Handle: p.withBody(p.replaceDataset),
		},
		{
			ID: "platform-patch-dataset", Method: http.MethodPatch, Path: "/v1/datasets/{ws}/{dataset}", Body: json,
			Summary: "Change a dataset", Handle: p.withBody(p.patchDataset),
		},
		{
			ID: "platform-rename-dataset", Method: http.MethodPut, Path: "/v1/datasets/{ws}/{dataset}/{name}",
			Summary: "Rename a dataset", Handle: answering(p.renameDataset),
		},
		{
			ID: "platform-delete-dataset", Method: http.MethodDelete, Path: "/v1/datasets/{ws}/{dataset}",
			Summary:     "Remove a dataset with its rows",
			Description: "It needs no confirmation. You can restore the dataset for 24 hours.",
			Handle:      answering(p.deleteDataset),
		},
	}
	for i := range routes {
		routes[i].Tag = tag
		if i < 3 {
			routes[i].Query = listParameters()
		}
	}
	return routes
}

// withBody returns a handler that reads a JSON object and writes what do returns.
func (p *Platform) withBody(do func(r *http.Request, call Call, in *taking) (any, error)) func(
	http.ResponseWriter, *http.Request, Call) error {
	return func(w http.ResponseWriter, r *http.Request, call Call) error {
		m, err := p.readBody(w, r)
		if err != nil {
			return err
		}
		out, err := do(r, call, &taking{members: m})
		if err != nil {
			return err
		}
		return writeJSON(w, out)
	}
}

func (p *Platform) listDatasets(r *http.Request, call Call) (any, error) {
	wanted, err := parseListing(r)
	if err != nil {
		return nil, err
	}
	found, err := all(r.Context(), call, p.config.Datasets.List)
	if err != nil {
		return nil, err
	}
	found = pick(found, wanted, func(d dataset.Dataset) time.Time { return d.CreatedAt })
	out := make([]datasetOut, len(found))
	for i := range found {
		if out[i], err = p.toDataset(r.Context(), &found[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *Platform) toDataset(ctx context.Context, d *dataset.Dataset) (datasetOut, error) {
	stats, err := p.config.Rows.Stats(ctx, d.ID)
	updated := d.UpdatedAt
	if stats.Updated.After(updated) {
		updated = stats.Updated
	}
	return datasetOut{
		DatasetID: d.Name, Title: d.Title, Description: d.Description, Schema: toSchema(&d.Schema),
		ColumnMapping: toMapping(d.Schema.Index), SmartLinkAttributes: []string{}, Date: millis(d.CreatedAt),
		Updated: millis(updated), Records: stats.Rows,
	}, err
}

func (p *Platform) getDataset(r *http.Request, call Call) (any, error) {
	found, err := p.config.Datasets.Get(r.Context(), call.Actor, call.Workspace, r.PathValue("dataset"))
	if err != nil {
		return nil, err
	}
	return p.toDataset(r.Context(), &found)
}

// datasetIn is the request body for a dataset; nil and empty members weren't
// sent.
type datasetIn struct {
	name, title, description *string
	columns                  []dataset.Column
	mapping                  *mapping
}

// takeDataset parses a dataset, whose members may be in a member "dataset".
func takeDataset(in *taking) (d datasetIn, err error) {
	if inner := in.object("dataset"); inner != nil {
		if err := in.end(); err != nil {
			return d, err
		}
		in = &taking{members: inner}
	}
	d.name = in.optional("datasetId", "id")
	d.title, d.description = in.optional("title"), in.optional("description")
	if text, ok := in.members["schema"]; ok {
		delete(in.members, "schema")
		d.columns, err = parseSchema(text)
		in.fail(err)
	}
	if columns := in.object("columnMapping"); columns != nil {
		t := &taking{members: columns}
		d.mapping = &mapping{Key: t.text("key"), Subkey: t.text("subkey"), Date: t.text("date")}
		in.fail(t.end())
	}
	return d, in.end(datasetMembers...)
}

func (p *Platform) createDataset(r *http.Request, call Call, in *taking) (any, error) {
	d, err := takeDataset(in)
	if err != nil {
		return nil, err
	}
	draft := dataset.Draft{
		Name: text(d.name), Title: text(d.title), Description: text(d.description),
		Schema: dataset.Schema{Columns: d.columns},
	}
	if d.mapping != nil {
		draft.Schema.Index = d.mapping.index()
	}
	made, err := p.config.Datasets.Create(r.Context(), call.Actor, call.Workspace, draft)
	if err != nil {
		return nil, err
	}
	return datasetDone{done{true, "Dataset has been created"}, made.Name}, nil
}

// replaceDataset replaces everything that the body can have. Missing members
// become empty, but the columns stay if there is no schema.
func (p *Platform) replaceDataset(r *http.Request, call Call, in *taking) (any, error) {
	d, err := takeDataset(in)
	if err != nil {
		return nil, err
	}
	if d.title == nil {
		d.title = new(string)
	}
	if d.description == nil {
		d.description = new(string)
	}
	return p.changeDataset(r, call, d, true)
}

func (p *Platform) patchDataset(r *http.Request, call Call, in *taking) (any, error) {
	d, err := takeDataset(in)
	if err != nil {
		return nil, err
	}
	return p.changeDataset(r, call, d, false)
}

// changeDataset changes a dataset: its columns and index first, with the rows that are
// there. replaces drops the columns that the body doesn't have.
func (p *Platform) changeDataset(r *http.Request, call Call, d datasetIn, replaces bool) (any, error) {
	named := r.PathValue("dataset")
	change := dataset.Change{Name: d.name, Title: d.title, Description: d.description}
	message := "Dataset has been updated"
	if d.columns != nil || d.mapping != nil {
		current, err := p.config.Datasets.Get(r.Context(), call.Actor, call.Workspace, named)
		if err != nil {
			return nil, err
		}
		report, err := p.changeColumns(r, call, &current, &d, replaces)
		if err != nil {
			return nil, err
		}
		if report != nil && report.Rejected > 0 {
			message += fmt.Sprintf("; %d rows don't fit the new schema and are in job %s", report.Rejected,
				id.Hex(report.Load))
		}
	}
	changed, err := p.config.Datasets.Update(r.Context(), call.Actor, call.Workspace, named, change)
	if err != nil {
		return nil, err
	}
	return datasetDone{done{true, message}, changed.Name}, nil
}

// changeColumns changes the columns and the index of a dataset to those of the
// body, and converts the rows. It returns nil if they are the same.
func (p *Platform) changeColumns(r *http.Request, call Call, current *dataset.Dataset, d *datasetIn,
	replaces bool,
) (*alter.Report, error) {
	var operations []alter.Operation
	mapped := toMapping(current.Schema.Index)
	if d.mapping != nil {
		mapped = *d.mapping
	}
	if d.columns != nil {
		operations = columnOperations(&current.Schema, d.columns, mapped.index(), replaces)
	}
	if mapped != toMapping(current.Schema.Index) {
		operations = append(operations, alter.Operation{
			Op: alter.Index, Key: mapped.Key, Subkey: mapped.Subkey, Date: mapped.Date, Unique: mapped != mapping{},
		})
	}
	if len(operations) == 0 {
		return nil, nil //nolint:nilnil // nothing changes
	}
	if p.config.Schemas == nil {
		return nil, problem.New(problem.Conflict, "The columns of %s can't be changed by this call.", current.Name)
	}
	return p.config.Schemas.Change(r.Context(), call.Actor, call.Workspace, current.ID, alter.Order{
		Version: current.Version, Apply: alter.Convert, AcceptLoss: true, Operations: operations,
	})
}

// columnOperations returns the operations that change a schema to the given
// columns.
func columnOperations(schema *dataset.Schema, said []dataset.Column, index dataset.Index, drop bool) []alter.Operation {
	var operations []alter.Operation
	for i := range said {
		want := &said[i]
		if want.Name == index.Key || want.Name == index.Subkey || want.Name == index.Date {
			want.Required, want.AllowNull = true, false // regardless of the schema
		}
		have, _, ok := schema.Column(want.Name)
		if !ok {
			operations = append(operations, alter.Operation{Op: alter.Add, Column: &alter.Draft{
				Name: want.Name, Type: want.Type, Precision: want.Precision, Scale: want.Scale, Format: want.Format,
				Required: want.Required, AllowNull: &want.AllowNull, Description: want.Description,
			}})
			continue
		}
		if want.Type == dataset.Any { // a property without a type
			want.Type, want.Format, want.Precision, want.Scale = have.Type, have.Format, have.Precision, have.Scale
		}
		if want.Description == "" && !drop {
			want.Description = have.Description
		}
		if toProperty(&have) == toProperty(want) && have.Required == want.Required {
			continue
		}
		declared := true
		settings := alter.Settings{
			Required: &want.Required, AllowNull: &want.AllowNull, Description: &want.Description,
		}
		if have.TypeName() != want.TypeName() || have.Format != want.Format {
			settings.Type, settings.Format, settings.Declared = &want.Type, &want.Format, &declared
			if want.Type == dataset.Decimal {
				settings.Precision, settings.Scale = &want.Precision, &want.Scale
			}
		}
		operations = append(operations, alter.Operation{Op: alter.Set, Name: want.Name, Settings: settings})
	}
	if !drop {
		return operations
	}
	for i := range schema.Columns {
		name := schema.Columns[i].Name
		if !slices.ContainsFunc(said, func(c dataset.Column) bool { return c.Name == name }) {
			operations = append(operations, alter.Operation{Op: alter.Drop, Name: name})
		}
	}
	return operations
}

func (p *Platform) renameDataset(r *http.Request, call Call) (any, error) {
	name := r.PathValue("name")
	changed, err := p.config.Datasets.Update(r.Context(), call.Actor, call.Workspace, r.PathValue("dataset"),
		dataset.Change{Name: &name})
	if err != nil {
		return nil, err
	}
	return datasetDone{done{true, "Dataset has been renamed"}, changed.Name}, nil
}

func (p *Platform) deleteDataset(r *http.Request, call Call) (any, error) {
	removed, err := p.config.Datasets.Remove(r.Context(), call.Actor, call.Workspace, r.PathValue("dataset"),
		impact.Waived())
	if err != nil {
		return nil, err
	}
	return datasetDone{done{true, "Dataset has been deleted"}, removed.Name}, nil
}

func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}
