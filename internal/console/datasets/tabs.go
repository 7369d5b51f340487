package datasets

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/nearest"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// datasetFrame has what every page of a dataset shows.
type datasetFrame struct {
	page.Frame
	Dataset datasetView
	Tabs    []tab
	Writes  bool // the member may change the dataset

	found dataset.Dataset
}

// tab is a page of a dataset.
type tab struct {
	Name, Path string
	Current    bool
}

// The tabs by the last part of their path; rows have none.
var tabs = []struct{ name, part string }{
	{"Rows", ""},
	{"Schema", "schema"},
	{"API", "api"},
	{"Loads", "loads"},
	{"Usage", "usage"},
	{"Settings", "settings"},
}

// tabsOf returns the tabs of a dataset, with the current one marked.
func tabsOf(d datasetView, current string) []tab {
	made := make([]tab, len(tabs))
	for n, t := range tabs {
		made[n] = tab{t.name, d.Path(), t.part == current || t.part == "" && strings.HasPrefix(current, "rows/")}
		if t.part != "" {
			made[n].Path += "/" + t.part
		}
	}
	return made
}

// tabbed is a page of a dataset that was found.
type tabbed func(w http.ResponseWriter, v *shell.Visit, f datasetFrame) error

// tab returns the handler of a tab. An address with an ID, or with another
// spelling of the name, redirects to the one with the name.
func (h *Handlers) tab(part string, show tabbed) shell.Handler {
	return func(w http.ResponseWriter, v *shell.Visit) error {
		f, err := h.frame(v, part)
		if err != nil {
			return err
		}
		if v.Method == http.MethodGet && v.PathValue("name") != f.Dataset.Name {
			path := f.Dataset.Path()
			if part != "" {
				path += "/" + part
			}
			if v.URL.RawQuery != "" {
				path += "?" + v.URL.RawQuery
			}
			h.Redirect(w, v.Request, path)
			return nil
		}
		return show(w, v, f)
	}
}

// frame finds the dataset that a path names.
func (h *Handlers) frame(v *shell.Visit, part string) (datasetFrame, error) {
	found, err := h.Datasets.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("name"))
	if err != nil {
		return datasetFrame{}, h.nearest(v, v.PathValue("name"), err)
	}
	shown, err := h.viewDataset(v, found)
	if err != nil {
		return datasetFrame{}, err
	}
	title := shown.Name
	crumbs := []page.Crumb{{Name: "Datasets", Path: "/datasets"}}
	for _, t := range tabs {
		if t.part == part && part != "" {
			title += ": " + t.part
		}
	}
	crumbs = append(crumbs, page.Crumb{Name: shown.Name})
	return datasetFrame{
		Frame: h.Frame(v, title, "/datasets", crumbs...), Dataset: shown, Tabs: tabsOf(shown, part), found: found,
		Writes: shell.Offers(v, access.DatasetUpdate, access.Resource{Kind: "dataset", ID: found.ID}),
	}, nil
}

// spelling is the rule for suggesting a dataset's name.
var spelling = nearest.Rule{Letters: 2, Bytes: 255}

// nearest names the dataset that a misspelled name means, if there is one.
func (h *Handlers) nearest(v *shell.Visit, name string, missing error) error {
	if !problem.Is(missing, problem.NotFound) {
		return missing
	}
	found, err := h.Datasets.List(v.Context(), v.Actor, v.Workspace, paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return err
	}
	best, letters := "", 0
	for _, d := range found.Items {
		if n, near := spelling.Distance(name, d.Name); near && (best == "" || n < letters) {
			best, letters = d.Name, n
		}
	}
	if best == "" {
		return missing
	}
	return &shell.NearError{
		Problem: problem.New(problem.NotFound, "Dataset %q doesn't exist.", name).WithHint("Did you mean %q?", best),
		Name:    best, Path: "/datasets/" + best,
	}
}
