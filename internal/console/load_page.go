package console

import (
	"encoding/csv"
	"errors"
	"net/http"
	"strconv"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/load"
)

// loadPage is one load.
type loadPage struct {
	shell
	Load    loadView
	Rejects []dataset.Rejected // the first
}

// shownRejects is how many rejected rows the page has; the file has all.
const shownRejects = 50

// errEnough ends a reading of which enough was seen.
var errEnough = errors.New("enough")

func (c *Console) load(w http.ResponseWriter, v *visit) error {
	view, err := c.loadOf(v)
	if err != nil {
		return err
	}
	p := &loadPage{shell: c.shell(v, view.Source+" into "+view.Dataset, "/loads", crumb{"Loads", "/loads"}), Load: view}
	if !view.Running() && view.Rejected > 0 {
		err := c.config.Loads.Rejects(v.Context(), v.actor, v.workspace, view.ID, func(r dataset.Rejected) error {
			if p.Rejects = append(p.Rejects, r); len(p.Rejects) == shownRejects {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			return err
		}
	}
	c.show(w, v.Request, http.StatusOK, "load", p)
	return nil
}

// loadOf finds the load that the path names.
func (c *Console) loadOf(v *visit) (loadView, error) {
	found, err := c.config.Loads.Get(v.Context(), v.actor, v.workspace, v.PathValue("id"))
	if err != nil {
		return loadView{}, err
	}
	names, err := c.lister().sourceNames(v)
	return viewLoad(found, names, c.config.Now()), err
}

// loadEvents streams a load's progress; at its end the page is asked for again,
// for it has more to show.
func (c *Console) loadEvents(w http.ResponseWriter, v *visit) error {
	stream := newStream(w)
	names, err := c.lister().sourceNames(v)
	if err != nil {
		return err
	}
	return stream.end(c.config.Loads.Watch(v.Context(), v.actor, v.workspace, v.PathValue("id"),
		func(l load.Load) error {
			if l.State.Ended() {
				return stream.event("done", string(l.State))
			}
			return c.sendFragment(stream, "load", "load-progress", viewLoad(l, names, c.config.Now()))
		}))
}

func (c *Console) loadCancel(w http.ResponseWriter, v *visit) error {
	if _, err := c.config.Loads.Cancel(v.Context(), v.actor, v.workspace, v.PathValue("id")); err != nil {
		return err
	}
	c.redirect(w, v.Request, loadPath(v.PathValue("id"))+"?done=load-cancelled")
	return nil
}

// loadRejects returns every rejected row as a CSV file.
func (c *Console) loadRejects(w http.ResponseWriter, v *visit) error {
	found, err := c.config.Loads.Get(v.Context(), v.actor, v.workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+found.Dataset+"-"+found.ID+`-invalid-records.csv"`)
	kept := c.config.Spool.New() // whole, before a slow reader takes the first byte
	defer func() { _ = kept.Close() }()
	out := csv.NewWriter(kept)
	_ = out.Write([]string{"object", "line", "column", "value", "reason"}) // Flush keeps the error
	err = c.config.Loads.Rejects(v.Context(), v.actor, v.workspace, found.ID, func(r dataset.Rejected) error {
		return out.Write([]string{
			harmless(r.Object), strconv.FormatInt(r.Line, 10), harmless(r.Column),
			harmless(r.Value), harmless(r.Reason),
		})
	})
	out.Flush()
	if err = errors.Join(err, out.Error()); err != nil {
		return err
	}
	limitsOf(v.Request).Rest()
	_, _ = kept.WriteTo(w) // who went away is noticed through the context
	return nil
}

// harmless keeps a spreadsheet from taking a customer's value for a formula.
func harmless(value string) string {
	if value != "" && (value[0] == '=' || value[0] == '+' || value[0] == '-' || value[0] == '@' || value[0] == '\t' ||
		value[0] == '\r') {
		if _, err := strconv.ParseFloat(value, 64); err != nil {
			return "'" + value
		}
	}
	return value
}
