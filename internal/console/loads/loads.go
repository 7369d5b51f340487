package loads

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// root is the path of the list.
const root = "/loads"

// loadsPage lists the loads that a filter selects.
type loadsPage struct {
	page.Frame
	Loads   []view.Load
	Next    string
	Filter  loadFilter
	States  []page.Option
	Periods []page.Option
	Sources []page.Option
}

// loadFilter is the filter in the page's query.
type loadFilter struct{ State, Source, Dataset, Period string }

// states are the choices of the filter.
var states = []page.Option{
	{Name: "Any"},
	{Value: string(load.Queued), Name: "Queued"},
	{Value: string(load.Planning), Name: "Planning"},
	{Value: string(load.Reading), Name: "Reading"},
	{Value: string(load.Committing), Name: "Committing"},
	{Value: string(load.Loaded), Name: "Loaded"},
	{Value: string(load.Failed), Name: "Failed"},
	{Value: string(load.Cancelled), Name: "Cancelled"},
}

// periods are how far back the filter goes.
var periods = []struct {
	page.Option
	length time.Duration
}{
	{page.Option{Name: "Any time"}, 0},
	{page.Option{Value: "24h", Name: "Last 24 hours"}, 24 * time.Hour},
	{page.Option{Value: "7d", Name: "Last 7 days"}, 7 * 24 * time.Hour},
	{page.Option{Value: "30d", Name: "Last 30 days"}, 30 * 24 * time.Hour},
}

func readLoadFilter(q url.Values) loadFilter {
	value := func(name string) string { return strings.TrimSpace(q.Get(name)) }
	return loadFilter{value("state"), value("source"), value("dataset"), value("period")}
}

// Any reports whether the filter leaves anything out.
func (f loadFilter) Any() bool { return f != loadFilter{} }

// filter converts the filter for the service.
func (f loadFilter) filter(now time.Time) load.Filter {
	selected := load.Filter{State: load.State(f.State), SourceID: f.Source, Dataset: f.Dataset}
	for _, p := range periods {
		if p.Value == f.Period && p.length > 0 {
			selected.Since = now.Add(-p.length)
		}
	}
	return selected
}

// next returns the address of the next page, or "" at the end.
func (f loadFilter) next(cursor string) string {
	if cursor == "" {
		return ""
	}
	return view.FilterPath(root, map[string]string{
		"state": f.State, "source": f.Source, "dataset": f.Dataset, "period": f.Period,
	}, "cursor", cursor)
}

func (h *Handlers) loads(w http.ResponseWriter, v *shell.Visit) error {
	p := &loadsPage{Frame: h.Frame(v, "Loads", root), Filter: readLoadFilter(v.URL.Query()), States: states}
	for _, period := range periods {
		p.Periods = append(p.Periods, period.Option)
	}
	names, err := h.lister().SourceNames(v)
	if err != nil {
		return err
	}
	p.Sources = sourceOptions(names)
	request := paging.Request{Cursor: v.URL.Query().Get("cursor")}
	found, loads, err := h.lister().List(v, p.Filter.filter(h.Now()), request)
	status := http.StatusOK
	switch {
	case shell.Rejected(err):
		p.Problem, status = page.ProblemOf(err), shell.RejectedStatus(w, err)
	case problem.Is(err, problem.NotFound): // the source or dataset was removed
		p.Problem, status = page.ProblemOf(err), http.StatusNotFound
	case err != nil:
		return err
	}
	p.Loads, p.Next = loads, p.Filter.next(found.Next)
	h.Show(w, v.Request, status, "loads/loads", p)
	return nil
}

// sourceOptions returns the choices of a source, by name.
func sourceOptions(names map[string]string) []page.Option {
	options := []page.Option{{Name: "Any"}, {Value: load.UploadSource, Name: "Uploads"}}
	for id, name := range names {
		options = append(options, page.Option{Value: id, Name: name})
	}
	slices.SortFunc(options[2:], func(a, b page.Option) int { return cmp.Compare(a.Name, b.Name) })
	return options
}

// lister lists the loads.
func (h *Handlers) lister() view.LoadLister {
	return view.LoadLister{Loads: h.Loads, Sources: h.Sources, Now: h.Now}
}
