package sources

import (
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/source"
)

// sourcePage shows one source, with a preview and a form to load it.
type sourcePage struct {
	page.Frame
	Source   sourceView
	Form     loadForm
	Datasets []page.Option
	Feeds    []feedView
	Preview  *previewView // nil until it is asked for: it asks the bucket
}

// previewView shows what a source would load.
type previewView struct {
	Problem  *page.Problem
	Sampled  string // the key that the rows were read from
	Unread   string // why no rows were read
	Notes    []string
	Rejected []string
	Settings []settingView // that the object was read with
	Columns  []view.Column
	Rows     [][]string
	Index    string // why the index was guessed so
	Objects  []objectView
	More     bool // there are more objects than are shown
	Match    int  // of the objects, those that match
	Of       int  // that were listed
}

// settingView is a format setting that a preview found out.
type settingView struct{ Name, Value string }

// Matched counts the listed objects that match.
func (p *previewView) Matched() int {
	if p.Of > 0 {
		return p.Match
	}
	matched := 0
	for _, o := range p.Objects {
		if o.Outcome != notMatched {
			matched++
		}
	}
	return matched
}

// Listed counts the listed objects.
func (p *previewView) Listed() int { return max(p.Of, len(p.Objects)) }

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
func (o objectView) Chip() page.Chip {
	switch o.Outcome {
	case string(engine.Loaded):
		return page.Chip{Tone: "good", Icon: "circle-check", Label: "Loaded"}
	case string(engine.Failed):
		return page.Chip{Tone: "bad", Icon: "circle-x", Label: "Failed"}
	case notLoaded:
		return page.Chip{Tone: "calm", Icon: "circle-dashed", Label: "Not loaded yet"}
	case notMatched:
		return page.Chip{Tone: "", Icon: "circle-minus", Label: "Does not match"}
	}
	return page.Chip{Tone: "", Icon: "circle-minus", Label: "Not loaded: " + o.Outcome}
}

// previewObjects limits the objects in a preview.
const previewObjects = 50

// source shows one source. The query's "preview" requests a preview, which
// reads the bucket.
func (h *Handlers) source(w http.ResponseWriter, v *shell.Visit) error {
	return h.showSource(w, v, http.StatusOK, loadForm{}, nil)
}

func (h *Handlers) showSource(w http.ResponseWriter, v *shell.Visit, status int, form loadForm, rejection error) error {
	found, _, err := h.sourceOf(v)
	if err != nil {
		return err
	}
	p := &sourcePage{
		Frame: h.Frame(v, found.Name, "/sources/data", page.Crumb{Name: "Sources"},
			page.Crumb{Name: "Data sources", Path: "/sources/data"},
			page.Crumb{Name: found.Name}),
		Source: found, Form: form,
	}
	p.Problem = page.ProblemOf(rejection)
	if p.Datasets, err = view.DatasetOptions(v, h.Datasets); err != nil {
		return err
	}
	if p.Feeds, err = h.feedsOf(v, &found); err != nil {
		return err
	}
	if v.URL.Query().Get("preview") != "" {
		if p.Preview, err = h.preview(v, found.ID); err != nil {
			return err
		}
	}
	h.Show(w, v.Request, status, "sources/source", p)
	return nil
}

// preview reads from the bucket what the source would load.
func (h *Handlers) preview(v *shell.Visit, id string) (*previewView, error) {
	objects, next, err := h.Sources.Objects(v.Context(), v.Actor, v.Workspace, id, "", "", previewObjects)
	if err != nil {
		if !shell.Rejected(err) {
			return nil, err
		}
		return &previewView{Problem: page.ProblemOf(err)}, nil
	}
	p := &previewView{More: next != ""}
	for _, o := range objects {
		p.Objects = append(p.Objects, viewObject(o))
	}
	if p.Matched() == 0 {
		return p, nil
	}
	seen, err := h.Sources.Preview(v.Context(), v.Actor, v.Workspace, id)
	if err != nil {
		if !shell.Rejected(err) {
			return nil, err
		}
		p.Unread = page.ProblemOf(err).Text()
		return p, nil
	}
	p.addRows(&seen)
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
