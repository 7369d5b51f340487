package datasets

import (
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/usage"
)

// usagePage shows who used a dataset through the API.
type usagePage struct {
	datasetFrame
	Charts []*view.Bars
	Tokens []usage.Line
	Kinds  []usage.Line
	Total  usage.Counts
}

// usage shows the counts of the last 30 days.
func (h *Handlers) usage(w http.ResponseWriter, v *shell.Visit, f datasetFrame) error {
	p := &usagePage{datasetFrame: f}
	today := h.Now().UTC().Truncate(24 * time.Hour)
	search := usage.Search{
		Workspace: v.Workspace, Dataset: f.found.ID, From: today.AddDate(0, 0, 1-chartDays), To: today,
		By: []usage.By{usage.ByDay},
	}
	days, err := h.Usage.Report(v.Context(), v.Actor, search)
	if err != nil {
		return err
	}
	search.By = []usage.By{usage.ByToken}
	if p.Tokens, err = h.Usage.Report(v.Context(), v.Actor, search); err != nil {
		return err
	}
	search.By = []usage.By{usage.ByKind}
	if p.Kinds, err = h.Usage.Report(v.Context(), v.Actor, search); err != nil {
		return err
	}
	p.draw(days, search.From)
	h.Show(w, v.Request, http.StatusOK, "datasets/usage", p)
	return nil
}

// draw adds charts of the days that begin with first.
func (p *usagePage) draw(lines []usage.Line, first time.Time) {
	days := make([]time.Time, chartDays)
	at := map[string]int{}
	for n := range days {
		days[n] = first.AddDate(0, 0, n)
		at[days[n].Format(time.DateOnly)] = n
	}
	answered, refused, rows := make([]int64, chartDays), make([]int64, chartDays), make([]int64, chartDays)
	for _, l := range lines {
		if n, ok := at[l.Day]; ok {
			answered[n] += l.Requests - l.Refusals
			refused[n] += l.Refusals
			rows[n] += l.Rows
		}
		p.Total.Requests += l.Requests
		p.Total.Refusals += l.Refusals
		p.Total.Rows += l.Rows
		p.Total.Bytes += l.Bytes
	}
	if p.Total.Requests == 0 {
		return
	}
	p.Charts = []*view.Bars{
		{ID: "requests-chart", Caption: "Requests per day", Days: days, Series: []view.Series{
			{Name: "answered", Tone: "loaded", Values: answered}, {Name: "refused", Tone: "failed", Values: refused},
		}},
		{ID: "rows-chart", Caption: "Rows per day", Days: days, Series: []view.Series{
			{Name: "rows", Tone: "1", Values: rows},
		}},
	}
}
