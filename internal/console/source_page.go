package console

import (
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/source"
)

// sourcePage is one source: a preview, and a load at once.
type sourcePage struct {
	shell
	Source   sourceView
	Form     loadForm
	Datasets []option
	Preview  *previewView // nil until it is asked for: it asks the bucket
}

// previewView is what a source would load.
type previewView struct {
	Problem *problemView
	Sampled string // the key that the rows were read from
	Columns []columnView
	Rows    [][]string
	Index   string // why the index was guessed so
	Objects []objectView
	More    bool // there are more objects than are shown
}

// Matched counts the objects shown that match.
func (p *previewView) Matched() int {
	matched := 0
	for _, o := range p.Objects {
		if o.Outcome != notMatched {
			matched++
		}
	}
	return matched
}

// objectView is an object of a bucket, or of a load.
type objectView struct {
	Key      string
	Size     int64
	Modified time.Time
	Outcome  string // "loaded", "skipped", "failed", "new" or "not-matched"
	Reason   string
	Rows     int64
	Rejected int64
}

// The states of an object that no load has read.
const (
	notLoaded  = "new"
	notMatched = "not-matched"
)

// Chip returns the chip that shows the outcome.
func (o objectView) Chip() chip {
	switch o.Outcome {
	case string(engine.Loaded):
		return chip{"good", "circle-check", "Loaded"}
	case string(engine.Failed):
		return chip{"bad", "circle-x", "Failed"}
	case notLoaded:
		return chip{"calm", "circle-dashed", "Not loaded yet"}
	case notMatched:
		return chip{"", "circle-minus", "Does not match"}
	}
	return chip{"", "circle-minus", "Skipped"}
}

// previewObjects is how many objects a preview shows.
const previewObjects = 50

// source shows one source. The query's "preview" asks the bucket.
func (c *Console) source(w http.ResponseWriter, v *visit) error {
	return c.showSource(w, v, http.StatusOK, loadForm{}, nil)
}

func (c *Console) showSource(w http.ResponseWriter, v *visit, status int, form loadForm, rejection error) error {
	found, _, err := c.sourceOf(v)
	if err != nil {
		return err
	}
	p := &sourcePage{
		shell: c.shell(v, found.Name, "/sources/data", crumb{Name: "Sources"}, crumb{"Data sources", "/sources/data"},
			crumb{Name: found.Name}),
		Source: found, Form: form,
	}
	p.Problem = viewProblem(rejection)
	if p.Datasets, err = datasetOptions(v, c.config.Datasets); err != nil {
		return err
	}
	if v.URL.Query().Get("preview") != "" {
		if p.Preview, err = c.preview(v, found.ID); err != nil {
			return err
		}
	}
	c.show(w, v.Request, status, "source", p)
	return nil
}

// preview asks the bucket what the source would load.
func (c *Console) preview(v *visit, id string) (*previewView, error) {
	objects, next, err := c.config.Sources.Objects(v.Context(), v.actor, v.workspace, id, "", "", previewObjects)
	if err != nil {
		if !rejected(err) {
			return nil, err
		}
		return &previewView{Problem: viewProblem(err)}, nil
	}
	p := &previewView{More: next != ""}
	for _, o := range objects {
		p.Objects = append(p.Objects, viewObject(o))
	}
	return p, nil
}

func viewObject(o source.Object) objectView {
	v := objectView{Key: o.Info.Key, Size: o.Info.Size, Modified: o.Info.Modified, Outcome: notLoaded}
	switch {
	case !o.Matched:
		v.Outcome, v.Reason = notMatched, o.Reason
	case o.Entry != nil:
		v.Outcome, v.Reason, v.Rows, v.Rejected = string(o.Entry.Outcome), o.Entry.Reason, o.Entry.Rows,
			o.Entry.Rejected
	}
	return v
}
