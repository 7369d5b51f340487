package datasets

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/paging"
)

// datasetsPage lists the datasets.
type datasetsPage struct {
	page.Frame
	Datasets []datasetView
	Removed  []datasetView // that can be restored
	Next     string
	Query    string // part of the names that are shown
}

// datasetView is a dataset as pages show it.
type datasetView struct {
	ID, Name, Title, Description string
	Rows, Bytes                  int64
	Version                      int64 // of the schema
	Columns                      []view.Column
	Index                        dataset.Index
	CreatedAt, UpdatedAt         time.Time
	RemovedAt                    time.Time // of a removed dataset; else zero
}

// Path is the dataset's page.
func (d datasetView) Path() string { return "/datasets/" + d.Name }

// indexPart is a column of the index and its part in it.
type indexPart struct{ Part, Column string }

// IndexParts returns the columns of the index, the key first.
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

// viewDataset returns a dataset with the size of its rows.
func (h *Handlers) viewDataset(v *shell.Visit, d dataset.Dataset) (datasetView, error) {
	stats, err := h.Rows.Stats(v.Context(), d.ID)
	if err != nil {
		return datasetView{}, err
	}
	view := datasetView{
		ID: d.ID, Name: d.Name, Title: d.Title, Description: d.Description, Rows: stats.Rows, Bytes: stats.Bytes,
		Columns: viewColumns(d.Schema), Index: d.Schema.Index, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
		RemovedAt: d.RemovedAt, Version: d.Version,
	}
	if stats.Updated.After(view.UpdatedAt) {
		view.UpdatedAt = stats.Updated
	}
	return view, nil
}

func viewColumns(schema dataset.Schema) []view.Column {
	columns := make([]view.Column, len(schema.Columns))
	for n, col := range schema.Columns {
		columns[n] = view.Column{
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

// find lists the datasets whose names contain a text, at most a page of the first
// thousand.
func (h *Handlers) find(v *shell.Visit, query string) (paging.List[dataset.Dataset], error) {
	request := paging.Request{Cursor: v.URL.Query().Get("cursor"), Limit: datasetsPerPage}
	if query != "" {
		request = paging.Request{Limit: paging.MaxLimit}
	}
	found, err := h.Datasets.List(v.Context(), v.Actor, v.Workspace, request)
	if err != nil || query == "" {
		return found, err
	}
	matching := slices.DeleteFunc(found.Items, func(d dataset.Dataset) bool {
		return !strings.Contains(strings.ToLower(d.Name+"\n"+d.Title), strings.ToLower(query))
	})
	return paging.List[dataset.Dataset]{Items: matching[:min(len(matching), datasetsPerPage)]}, nil
}

// datasetsPerPage is fewer than other lists have: each one's rows are counted.
const datasetsPerPage = 50

func (h *Handlers) datasets(w http.ResponseWriter, v *shell.Visit) error {
	return h.showDatasets(w, v, http.StatusOK, nil)
}

func (h *Handlers) showDatasets(w http.ResponseWriter, v *shell.Visit, status int, rejection error) error {
	query := strings.TrimSpace(v.URL.Query().Get("q"))
	found, err := h.find(v, query)
	if err != nil {
		return err
	}
	p := &datasetsPage{
		Frame: h.Frame(v, "Datasets", "/datasets"), Query: query, Next: page.NextPath("/datasets", found.Next),
	}
	for _, d := range found.Items {
		view, err := h.viewDataset(v, d)
		if err != nil {
			return err
		}
		p.Datasets = append(p.Datasets, view)
	}
	removed, err := h.Datasets.Removed(v.Context(), v.Actor, v.Workspace)
	if err != nil {
		return err
	}
	if p.Removed, err = h.viewRemoved(v, removed[:min(len(removed), datasetsPerPage)]); err != nil {
		return err
	}
	p.Problem = page.ProblemOf(rejection)
	h.Show(w, v.Request, status, "datasets/datasets", p)
	return nil
}
