package console

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/load"
)

// loadForm is what was typed about a load.
type loadForm struct{ Dataset, Duplicates string }

// loadStart starts a load of a source.
func (c *Console) loadStart(w http.ResponseWriter, v *visit) error {
	form := loadForm{Dataset: v.PostFormValue("dataset"), Duplicates: v.PostFormValue("duplicates")}
	started, err := c.config.Loads.Start(v.Context(), v.actor, v.workspace, load.Order{
		Source: v.PathValue("id"), Dataset: form.Dataset, Duplicates: engine.Duplicates(form.Duplicates),
	})
	if rejected(err) {
		return c.showSource(w, v, http.StatusUnprocessableEntity, form, err)
	}
	if err != nil {
		return err
	}
	c.redirect(w, v.Request, loadPath(started.ID))
	return nil
}
