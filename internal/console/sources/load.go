package sources

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/load"
)

// loadForm has the input for a load.
type loadForm struct{ Dataset, Duplicates string }

// loadStart starts a load of a source.
func (h *Handlers) loadStart(w http.ResponseWriter, v *shell.Visit) error {
	form := loadForm{Dataset: v.PostFormValue("dataset"), Duplicates: v.PostFormValue("duplicates")}
	started, err := h.Loads.Start(v.Context(), v.Actor, v.Workspace, load.Order{
		Source: v.PathValue("id"), Dataset: form.Dataset, Duplicates: engine.Duplicates(form.Duplicates),
	})
	if shell.Rejected(err) {
		return h.showSource(w, v, http.StatusUnprocessableEntity, form, err)
	}
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, view.LoadPath(started.ID))
	return nil
}
