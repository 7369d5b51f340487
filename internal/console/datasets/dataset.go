package datasets

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
)

// datasetPage is a dataset's overview.
type datasetPage struct {
	page.Frame
	Dataset    datasetView
	RequestURL string
	Curl       string
	Run        requestRun
	Loads      []view.Load
	Drift      []dataset.Drift // the newest
}

// requestRun is the live request of the overview.
type requestRun struct {
	Key, Subkey string
	Last        int
	Response    *responseView
	first       map[string]any // the first row, nil when there is none
}

// responseView is its answer.
type responseView struct {
	Problem bool
	Status  string // "200 OK"
	Rows    int
	Took    time.Duration
	Text    string
	Cut     bool // there is more of it than is shown
}

// Bounds of the live request.
const (
	mostRows      = 100
	mostShown     = 64 << 10 // bytes of the answer
	datasetsLoads = 6
	datasetsDrift = 10
)

// dataset shows a dataset's overview. The query's "key", "subkey" and "last"
// are those of the live request.
func (h *Handlers) dataset(w http.ResponseWriter, v *shell.Visit) error {
	found, err := h.Datasets.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("name"))
	if err != nil {
		return err
	}
	shown, err := h.viewDataset(v, found)
	if err != nil {
		return err
	}
	p := &datasetPage{
		Frame: h.Frame(v, shown.Name, "/datasets", page.Crumb{Name: "Datasets", Path: "/datasets"},
			page.Crumb{Name: shown.Name}),
		Dataset: shown,
	}
	if p.Run, err = h.run(v, shown); err != nil {
		return err
	}
	lister := view.LoadLister{Loads: h.Loads, Sources: h.Sources, Now: h.Now}
	p.Loads, _, err = lister.List(v, paging.Request{}, func(l load.Load) bool { return l.DatasetID == found.ID })
	if err != nil {
		return err
	}
	p.Loads = p.Loads[:min(len(p.Loads), datasetsLoads)]
	drift, err := h.Datasets.Drift(v.Context(), v.Actor, v.Workspace, found.ID, paging.Request{Limit: datasetsDrift})
	if err != nil {
		return err
	}
	p.Drift = drift.Items
	p.example(h.BaseURL(), v.WorkspaceName)
	h.Show(w, v.Request, http.StatusOK, "datasets/dataset", p)
	return nil
}

// run makes the live request, through the door that apps use.
func (h *Handlers) run(v *shell.Visit, d datasetView) (requestRun, error) {
	q := v.URL.Query()
	r := requestRun{Key: q.Get("key"), Subkey: q.Get("subkey")}
	last, err := strconv.Atoi(q.Get("last"))
	if r.Last = min(max(last, 1), mostRows); err != nil {
		r.Last = 1
	}
	if d.Index.Key == "" {
		r.Key = ""
	}
	if r.Key == "" || d.Index.Subkey == "" {
		r.Subkey = ""
	}
	start := h.Now()
	target := delivery.Target{Datasets: d.ID, Keys: r.Key, Subkeys: r.Subkey}
	answer, err := h.Delivery.Read(v.Context(), v.Actor, v.Workspace,
		delivery.Request{Target: target, Values: url.Values{"last": {strconv.Itoa(r.Last)}}})
	if err != nil {
		if !shell.Rejected(err) {
			return r, err
		}
		r.Response = &responseView{Problem: true, Status: "422 Unprocessable Entity", Text: page.ProblemOf(err).Text()}
		return r, nil
	}
	var out bytes.Buffer
	if err := errors.Join(answer.Write(v.Context(), &out), answer.Close()); err != nil {
		return r, err
	}
	r.Response = &responseView{Status: "200 OK", Took: h.Now().Sub(start)}
	r.read(out.Bytes())
	return r, nil
}

// read counts the answer's rows and writes it as people read it.
func (r *requestRun) read(answer []byte) {
	var rows []map[string]any
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber()
	if decoder.Decode(&rows) == nil {
		if r.Response.Rows = len(rows); len(rows) > 0 {
			r.first = rows[0]
		}
	}
	text := page.IndentJSON(answer)
	if r.Response.Cut = len(text) > mostShown; r.Response.Cut {
		text = strings.ToValidUTF8(text[:mostShown], "") + "\n…"
	}
	r.Response.Text = text
}

// example writes the request that the page shows: for the key that was asked
// for, or that of the first row, so that it gives something.
func (p *datasetPage) example(base, workspace string) {
	address := base + "/v1/data/" + strings.ToUpper(workspace) + "/" + url.PathEscape(p.Dataset.Name)
	if key := cmp.Or(p.Run.Key, p.Run.keyOf(p.Dataset.Index.Key)); key != "" {
		address += "/" + url.PathEscape(key)
		if p.Run.Subkey != "" {
			address += "/" + url.PathEscape(p.Run.Subkey)
		}
	}
	query := "?last=" + strconv.Itoa(p.Run.Last)
	p.RequestURL = address + query + "&token=TOKEN"
	p.Curl = "curl -H 'Authorization: Bearer TOKEN' \\\n  '" + strings.ReplaceAll(address, "'", "%27") + query + "'"
}

// keyOf is the first row's key; empty when it has none that a path could name.
func (r *requestRun) keyOf(column string) string {
	switch value := r.first[column].(type) {
	case string, json.Number:
		if text := fmt.Sprint(value); !strings.Contains(text, ",") {
			return text
		}
	}
	return ""
}
