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
	loadsLooked = 1000 // for the charts, newest first
	driftShown  = 20
)

// loads shows the newest loads of a dataset.
func (h *Handlers) loads(w http.ResponseWriter, v *shell.Visit, f datasetFrame) error {
	p := &loadsPage{datasetFrame: f}
	lister := view.LoadLister{Loads: h.Loads, Sources: h.Sources, Now: h.Now}
	own, shown, err := lister.List(v, load.Filter{Dataset: f.found.ID}, paging.Request{Limit: loadsLooked})
	if err != nil {
		return err
	}
	p.Loads = shown[:min(len(shown), loadsShown)]
	p.Charts = chartsOf(own.Items, h.Now())
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
