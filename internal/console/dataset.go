package console

import (
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/paging"
)

// datasetsPage lists the datasets.
type datasetsPage struct {
	shell
	Datasets []datasetView
	Removed  []datasetView // that can be restored
	Next     string
}

// datasetView is a dataset as pages show it.
type datasetView struct {
	ID, Name, Title, Description string
	Rows, Bytes                  int64
	Columns                      []columnView
	Index                        dataset.Index
	CreatedAt, UpdatedAt         time.Time
	RemovedAt                    time.Time // of a removed one; else zero
}

// Path is the dataset's page.
func (d datasetView) Path() string { return "/datasets/" + d.Name }

// indexPart is a column of the index and what it is there.
type indexPart struct{ Part, Column string }

// IndexParts are the columns of the index, the key first.
func (d datasetView) IndexParts() []indexPart { return partsOf(d.Index) }

func partsOf(index dataset.Index) []indexPart {
	var parts []indexPart
	for _, p := range []indexPart{{"key", index.Key}, {"subkey", index.Subkey}, {"date", index.Date}} {
		if p.Column != "" {
			parts = append(parts, p)
		}
	}
	return parts
}

// viewDataset is a dataset with what its rows measure.
func (c *Console) viewDataset(v *visit, d dataset.Dataset) (datasetView, error) {
	stats, err := c.config.Rows.Stats(v.Context(), d.ID)
	if err != nil {
		return datasetView{}, err
	}
	view := datasetView{
		ID: d.ID, Name: d.Name, Title: d.Title, Description: d.Description, Rows: stats.Rows, Bytes: stats.Bytes,
		Columns: viewColumns(d.Schema), Index: d.Schema.Index, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
		RemovedAt: d.RemovedAt,
	}
	if stats.Updated.After(view.UpdatedAt) {
		view.UpdatedAt = stats.Updated
	}
	return view, nil
}

func viewColumns(schema dataset.Schema) []columnView {
	columns := make([]columnView, len(schema.Columns))
	for n, col := range schema.Columns {
		columns[n] = columnView{
			Name: col.Name, Type: string(col.Type), Format: col.Format, Description: col.Description,
			Required: col.Required, AllowNull: col.AllowNull,
		}
		for _, p := range partsOf(schema.Index) {
			if p.Column == col.Name {
				columns[n].Part = p.Part
			}
		}
	}
	return columns
}

// datasetsPerPage is fewer than other lists have: each one's rows are counted.
const datasetsPerPage = 50

func (c *Console) datasets(w http.ResponseWriter, v *visit) error {
	return c.showDatasets(w, v, http.StatusOK, nil)
}

func (c *Console) showDatasets(w http.ResponseWriter, v *visit, status int, rejection error) error {
	found, err := c.config.Datasets.List(v.Context(), v.actor, v.workspace,
		paging.Request{Cursor: v.URL.Query().Get("cursor"), Limit: datasetsPerPage})
	if err != nil {
		return err
	}
	p := &datasetsPage{shell: c.shell(v, "Datasets", "/datasets"), Next: nextPage("/datasets", found.Next)}
	for _, d := range found.Items {
		view, err := c.viewDataset(v, d)
		if err != nil {
			return err
		}
		p.Datasets = append(p.Datasets, view)
	}
	removed, err := c.config.Datasets.Removed(v.Context(), v.actor, v.workspace)
	if err != nil {
		return err
	}
	if p.Removed, err = c.viewRemoved(v, removed[:min(len(removed), datasetsPerPage)]); err != nil {
		return err
	}
	p.Problem = viewProblem(rejection)
	c.show(w, v.Request, status, "datasets", p)
	return nil
}
