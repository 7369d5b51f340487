package datasets

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
)

// loadsPage shows the loads of a dataset.
type loadsPage struct {
	datasetFrame
	Loads []view.Load
	Drift []dataset.Drift // the newest
}

// Bounds of the page.
const (
	loadsShown  = 50
	loadsLooked = 1000 // of the workspace, newest first
	driftShown  = 20
)

// loads shows the newest loads of a dataset.
func (h *Handlers) loads(w http.ResponseWriter, v *shell.Visit, f datasetFrame) error {
	p := &loadsPage{datasetFrame: f}
	lister := view.LoadLister{Loads: h.Loads, Sources: h.Sources, Now: h.Now}
	found, _, err := lister.List(v, paging.Request{Limit: loadsLooked},
		func(l load.Load) bool { return l.DatasetID == f.found.ID })
	if err != nil {
		return err
	}
	p.Loads = found[:min(len(found), loadsShown)]
	drift, err := h.Datasets.Drift(v.Context(), v.Actor, v.Workspace, f.found.ID, paging.Request{Limit: driftShown})
	if err != nil {
		return err
	}
	p.Drift = drift.Items
	h.Show(w, v.Request, http.StatusOK, "datasets/loads", p)
	return nil
}
