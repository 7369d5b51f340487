package console

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/page"
)

// datasetPage is a dataset's overview.
type datasetPage struct {
	shell
	Dataset    datasetView
	RequestURL string
	Curl       string
	Run        requestRun
	Loads      []loadView
}

// requestRun is the live request of the overview.
type requestRun struct {
	Key, Subkey string
	Last        int
	Response    *responseView
}

// responseView is its answer.
type responseView struct {
	Problem bool
	Status  string // "200 OK"
	Rows    int
	Took    time.Duration
	Text    string
}

// dataset shows a dataset's overview.
func (c *Console) dataset(w http.ResponseWriter, v *visit) error {
	found, err := c.config.Datasets.Get(v.Context(), v.actor, v.workspace, v.PathValue("name"))
	if err != nil {
		return err
	}
	view, err := c.viewDataset(v, found)
	if err != nil {
		return err
	}
	p := &datasetPage{shell: c.shell(v, view.Name, "/datasets", crumb{"Datasets", "/datasets"}, crumb{Name: view.Name}), Dataset: view}
	p.Loads, _, err = c.listLoads(v, page.Request{}, func(l load.Load) bool { return l.DatasetID == found.ID })
	if err != nil {
		return err
	}
	p.Loads = p.Loads[:min(len(p.Loads), homeLoads)]
	p.example(c.config.BaseURL, v.name)
	c.show(w, v.Request, http.StatusOK, "dataset", p)
	return nil
}

// example writes the request that the page shows.
func (p *datasetPage) example(base, workspace string) {
	address := base + "/v1/data/" + strings.ToUpper(workspace) + "/" + url.PathEscape(p.Dataset.Name)
	query := "?last=1"
	p.RequestURL = address + query + "&token=TOKEN"
	p.Curl = "curl -H 'Authorization: Bearer TOKEN' \\\n  '" + address + query + "'"
}
