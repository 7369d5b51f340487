package loads

import (
	"encoding/csv"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/load"
)

// loadPage is one load.
type loadPage struct {
	page.Frame
	Load    view.Load
	Reasons []view.RejectReason
	Chosen  int64              // rejected rows with the reason that is chosen
	Rejects []dataset.Rejected // the first of them

	CanReload bool // rejected rows may be accepted after the schema was corrected
}

// shownRejects limits the rejected rows on the page. The file has all.
const shownRejects = 50

// errEnough ends a read that has enough rows.
var errEnough = errors.New("enough")

func (h *Handlers) load(w http.ResponseWriter, v *shell.Visit) error {
	view, err := h.loadOf(v)
	if err != nil {
		return err
	}
	p := &loadPage{Frame: h.Frame(v, view.Source+" into "+view.Dataset, "/loads",
		page.Crumb{Name: "Loads", Path: "/loads"}), Load: view}
	if !view.Running() && view.Rejected > 0 {
		if err := h.addRejects(v, p); err != nil {
			return err
		}
	}
	h.Show(w, v.Request, http.StatusOK, "loads/load", p)
	return nil
}

// addRejects adds the reasons to choose from, and the first rejected rows with the
// reason that is chosen.
func (h *Handlers) addRejects(v *shell.Visit, p *loadPage) error {
	var filter load.RejectFilter
	reason := v.URL.Query().Get("reason")
	if reason != "" {
		filter.Reasons = []dataset.RejectCode{dataset.RejectCode(reason)}
	}
	p.Reasons, p.Chosen = p.Load.RejectReasons(reason), p.Load.Rejected
	if reason != "" {
		p.Chosen = p.Load.Reasons[dataset.RejectCode(reason)]
	}
	err := h.Loads.SelectRejects(v.Context(), v.Actor, v.Workspace, p.Load.ID, filter, func(r dataset.Rejected) error {
		if p.Rejects = append(p.Rejects, r); len(p.Rejects) == shownRejects {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	if len(p.Rejects) == 0 && reason == "" { // they are those of another load
		p.Reasons = nil
	}
	p.CanReload = p.Load.HasFeed && slices.ContainsFunc(p.Rejects,
		func(r dataset.Rejected) bool { return r.ResolvedBy == "" })
	return nil
}

// loadOf finds the load that the path names.
func (h *Handlers) loadOf(v *shell.Visit) (view.Load, error) {
	found, err := h.Loads.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return view.Load{}, err
	}
	names, err := h.lister().SourceNames(v)
	return view.LoadOf(found, names, h.Now()), err
}

// loadEvents streams a load's progress. At its end the browser reloads the
// page, which then shows more.
func (h *Handlers) loadEvents(w http.ResponseWriter, v *shell.Visit) error {
	stream := shell.NewStream(w)
	names, err := h.lister().SourceNames(v)
	if err != nil {
		return err
	}
	return stream.End(h.Loads.Watch(v.Context(), v.Actor, v.Workspace, v.PathValue("id"),
		func(l load.Load) error {
			if l.State.Ended() {
				return stream.Event("done", string(l.State))
			}
			return h.SendFragment(stream, "loads/load", "load-progress", view.LoadOf(l, names, h.Now()))
		}))
}

func (h *Handlers) loadCancel(w http.ResponseWriter, v *shell.Visit) error {
	if _, err := h.Loads.Cancel(v.Context(), v.Actor, v.Workspace, v.PathValue("id")); err != nil {
		return err
	}
	h.Redirect(w, v.Request, view.LoadPath(v.PathValue("id"))+"?done=load-cancelled")
	return nil
}

// loadReload loads the rejected rows of a load again.
func (h *Handlers) loadReload(w http.ResponseWriter, v *shell.Visit) error {
	started, err := h.Loads.Start(v.Context(), v.Actor, v.Workspace,
		load.Order{Kind: load.Rejected, Of: v.PathValue("id")})
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, view.LoadPath(started.ID))
	return nil
}

// loadRejects returns every rejected row as a CSV file.
func (h *Handlers) loadRejects(w http.ResponseWriter, v *shell.Visit) error {
	found, err := h.Loads.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+found.Dataset+"-"+found.ID+`-invalid-records.csv"`)
	kept := h.Spool.New() // complete before a slow client reads the first byte
	defer func() { _ = kept.Close() }()
	out := csv.NewWriter(kept)
	_ = out.Write([]string{"object", "line", "column", "value", "reason"}) // Flush keeps the error
	err = h.Loads.Rejects(v.Context(), v.Actor, v.Workspace, found.ID, func(r dataset.Rejected) error {
		return out.Write([]string{
			harmless(r.Object), strconv.FormatInt(r.Line, 10), harmless(r.Column),
			harmless(r.Value), harmless(r.Reason),
		})
	})
	out.Flush()
	if err = errors.Join(err, out.Error()); err != nil {
		return err
	}
	shell.LimitsOf(v.Request).Rest()
	_, _ = kept.WriteTo(w) // a client that left is noticed through the context
	return nil
}

// harmless escapes a value so that spreadsheets don't interpret it as a formula.
func harmless(value string) string {
	if value != "" && (value[0] == '=' || value[0] == '+' || value[0] == '-' || value[0] == '@' || value[0] == '\t' ||
		value[0] == '\r') {
		if _, err := strconv.ParseFloat(value, 64); err != nil {
			return "'" + value
		}
	}
	return value
}
