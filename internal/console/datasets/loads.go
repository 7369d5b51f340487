package datasets

import (
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
)

// loadsPage shows the loads of a dataset.
type loadsPage struct {
	datasetFrame
	Charts []*view.Bars
	Loads  []view.Load
	Drift  []dataset.Drift // the newest
}

// The limits of the page.
const (
	loadsShown  = 50
	loadsLooked = 1000 // of the workspace, newest first
	driftShown  = 20
)

// loads shows the newest loads of a dataset.
func (h *Handlers) loads(w http.ResponseWriter, v *shell.Visit, f datasetFrame) error {
	p := &loadsPage{datasetFrame: f}
	var own []load.Load
	lister := view.LoadLister{Loads: h.Loads, Sources: h.Sources, Now: h.Now}
	found, _, err := lister.List(v, paging.Request{Limit: loadsLooked},
		func(l load.Load) bool {
			if l.DatasetID != f.found.ID {
				return false
			}
			own = append(own, l)
			return true
		})
	if err != nil {
		return err
	}
	p.Loads = found[:min(len(found), loadsShown)]
	p.Charts = chartsOf(own, h.Now())
	drift, err := h.Datasets.Drift(v.Context(), v.Actor, v.Workspace, f.found.ID, paging.Request{Limit: driftShown})
	if err != nil {
		return err
	}
	p.Drift = drift.Items
	h.Show(w, v.Request, http.StatusOK, "datasets/loads", p)
	return nil
}

// chartDays is the number of days in the charts.
const chartDays = 30

// chartsOf returns charts of what loads have loaded, or nothing if all are older
// than the charts.
func chartsOf(loads []load.Load, now time.Time) []*view.Bars {
	history := view.HistoryOf(loads, chartDays, now)
	var charts []*view.Bars
	for _, chart := range []*view.Bars{history.Rows("rows-chart"), history.Outcomes("loads-chart")} {
		if len(chart.Series) > 0 {
			charts = append(charts, chart)
		}
	}
	return charts
}
