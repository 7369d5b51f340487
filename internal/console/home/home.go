package home

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/schedule"
)

// homePage is the first page. It shows newcomers the four steps to a first answer
// and, once there are rows, what is broken and what was loaded.
type homePage struct {
	page.Frame
	Steps     []homeStep // nil as soon as there are rows
	Figures   []homeFigure
	Attention []attention
	Charts    []*view.Bars
	Freshness []freshness
	Upcoming  []upcoming
	Loads     []view.Load
}

// homeStep is one of the four steps.
type homeStep struct{ State, Name, Text, Verb, Path string }

// homeFigure is a number with the page behind it.
type homeFigure struct{ Icon, Name, Value, Text, Path string }

// StepsDone counts the steps that are done.
func (p *homePage) StepsDone() int {
	done := 0
	for _, s := range p.Steps {
		if s.State == "done" {
			done++
		}
	}
	return done
}

// homeLoads limits the loads on the page.
const homeLoads = 6

// The limits of the page.
const (
	chartDays   = 30
	mostPages   = 3  // of loads that are looked at
	mostMeasure = 50 // datasets whose rows are measured
	mostFresh   = 8
)

// standing has what a workspace contains, for its first page.
type standing struct {
	integrations []integration.Integration
	keys         int
	sources      int
	datasets     []dataset.Dataset
	rows         int64
	updated      map[string]time.Time // by dataset ID
	tokens       int
	read         bool // a token was used
	schedules    []schedule.Shown
	recent       []load.Load
	loads        []view.Load
}

func (h *Handlers) home(w http.ResponseWriter, v *shell.Visit) error {
	s, err := h.standing(v)
	if err != nil {
		return err
	}
	p := &homePage{Frame: h.Frame(v, "Home", "/"), Loads: s.loads}
	if p.Attention, err = h.attentionOf(v, s.recent); err != nil {
		return err
	}
	if s.rows == 0 {
		p.Steps = s.steps()
	} else {
		p.Figures, p.Freshness, p.Upcoming = s.figures(), s.freshness(h.Now()), upcomingOf(s.schedules)
		history := view.HistoryOf(s.recent, chartDays, h.Now())
		for _, chart := range []*view.Bars{history.Rows("rows-chart"), history.Outcomes("loads-chart")} {
			if len(chart.Series) > 0 {
				p.Charts = append(p.Charts, chart)
			}
		}
	}
	h.Show(w, v.Request, http.StatusOK, "home/home", p)
	return nil
}

// newestLoads returns the loads of the last days, the newest first, as far as a
// few pages have them.
func (h *Handlers) newestLoads(v *shell.Visit) ([]load.Load, error) {
	var all []load.Load
	request := paging.Request{Limit: paging.MaxLimit}
	for range mostPages {
		found, err := h.Loads.List(v.Context(), v.Actor, v.Workspace, request)
		if err != nil {
			return nil, err
		}
		all = append(all, found.Items...)
		if request.Cursor = found.Next; found.Next == "" ||
			h.Now().Sub(all[len(all)-1].CreatedAt) > chartDays*24*time.Hour {
			break
		}
	}
	return all, nil
}

func (h *Handlers) standing(v *shell.Visit) (s standing, err error) {
	all := paging.Request{Limit: paging.MaxLimit}
	integrations, err := h.Integrations.List(v.Context(), v.Actor, v.Workspace, all)
	if err != nil {
		return s, err
	}
	s.integrations = integrations.Items
	keys, err := h.Credentials.List(v.Context(), v.Actor, v.Workspace, all)
	if err != nil {
		return s, err
	}
	s.keys = len(keys.Items)
	names, err := (view.LoadLister{Sources: h.Sources}).SourceNames(v)
	if err != nil {
		return s, err
	}
	s.sources = len(names)
	if err := h.measure(v, &s); err != nil {
		return s, err
	}
	tokens, err := h.Tokens.List(v.Context(), v.Actor, v.Workspace, all)
	if err != nil {
		return s, err
	}
	s.tokens = len(tokens.Items)
	for _, t := range tokens.Items {
		s.read = s.read || !t.UsedAt.IsZero()
	}
	schedules, err := h.Schedules.List(v.Context(), v.Actor, v.Workspace, all)
	if err != nil {
		return s, err
	}
	s.schedules = schedules.Items
	if s.recent, err = h.newestLoads(v); err != nil {
		return s, err
	}
	for _, l := range s.recent[:min(len(s.recent), homeLoads)] {
		s.loads = append(s.loads, view.LoadOf(l, names, h.Now()))
	}
	return s, nil
}

// measure counts the rows of the first datasets.
func (h *Handlers) measure(v *shell.Visit, s *standing) error {
	found, err := h.Datasets.List(v.Context(), v.Actor, v.Workspace, paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return err
	}
	s.datasets, s.updated = found.Items, map[string]time.Time{}
	for _, d := range s.datasets[:min(len(s.datasets), mostMeasure)] {
		stats, err := h.Rows.Stats(v.Context(), d.ID)
		if err != nil {
			return err
		}
		s.rows += stats.Rows
		s.updated[d.ID] = stats.Updated
	}
	return nil
}

// freshness returns the datasets that need a look first.
func (s *standing) freshness(now time.Time) []freshness {
	expected := map[string]time.Duration{}
	for n := range s.schedules {
		if every := interval(&s.schedules[n]); every > 0 {
			name := strings.ToLower(s.schedules[n].Dataset)
			expected[name] = min(cmp.Or(expected[name], every), every)
		}
	}
	var list []freshness
	for _, d := range s.datasets {
		updated, measured := s.updated[d.ID]
		if !measured || updated.IsZero() {
			continue
		}
		list = append(list, freshness{
			Name: d.Name, Path: "/datasets/" + d.Name, Updated: updated, Age: now.Sub(updated),
			Expected: expected[strings.ToLower(d.Name)],
		})
	}
	slices.SortStableFunc(list, func(a, b freshness) int { return cmp.Compare(b.overdue(), a.overdue()) })
	return list[:min(len(list), mostFresh)]
}

// overdue sorts datasets: those that are late first, then those with a schedule.
func (f freshness) overdue() float64 {
	if f.Expected == 0 {
		return -1
	}
	return float64(f.Age) / float64(f.Expected)
}

// steps returns the four steps from a bucket to an app, with their states.
func (s standing) steps() []homeStep {
	connected := s.keys > 0
	connect := homeStep{
		Name: "Connect your bucket",
		Text: "Create an AWS integration: a role in your account that opens exactly the locations you declare.",
		Verb: "Create AWS integration", Path: "/sources/integrations/new",
	}
	for _, i := range s.integrations {
		connect.Verb, connect.Path = "Finish it", view.IntegrationPath(i.ID)
		connect.Text = "The integration exists, but its role isn’t verified yet."
		if i.State == integration.Verified {
			connected = true
			break
		}
	}
	if connected {
		connect.Text, connect.Path = "Windlass can read your bucket through your role, without a stored key.",
			"/sources/credentials"
	}
	source := "/sources/data/new"
	if s.sources > 0 {
		source = "/sources/data"
	}
	return mark([]homeStep{
		connect,
		{
			Name: "Name your data",
			Text: "Add a source: choose the objects and their format. You see what matches before anything is loaded.",
			Verb: "Add a source",
			Path: source,
		},
		{
			Name: "Load it", Text: "Windlass loads each object once and keeps rejected rows with the " +
				"reason.", Verb: "Load now",
			Path: "/sources/data",
		},
		{
			Name: "Read it from an app", Text: "Create a token and try a dataset’s sample request.",
			Verb: "Create a token", Path: "/tokens/new",
		},
	}, connected, s.sources > 0, len(s.datasets) > 0, s.read)
}

// mark sets each step's state: the first that is not done is the next.
func mark(steps []homeStep, done ...bool) []homeStep {
	next := "now"
	for n := range steps {
		if done[n] {
			steps[n].State = "done"
			continue
		}
		steps[n].State, next = next, "later"
	}
	return steps
}

func (s standing) figures() []homeFigure {
	verified := 0
	for _, i := range s.integrations {
		if i.State == integration.Verified {
			verified++
		}
	}
	return []homeFigure{
		{
			"shield-check", "AWS integrations", page.Count(len(s.integrations)),
			page.Plural(verified, "verified", "verified"),
			"/sources/credentials",
		},
		{"folder-open", "Data sources", page.Count(s.sources), "", "/sources/data"},
		{"table-2", "Datasets", page.Count(len(s.datasets)), page.Plural(s.rows, "row", "rows"), "/datasets"},
		{"fingerprint", "API tokens", page.Count(s.tokens), "", "/tokens"},
	}
}
