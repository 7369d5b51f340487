package loads

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/paging"
)

// loadsPage lists the loads.
type loadsPage struct {
	page.Frame
	Loads []view.Load
	Next  string
}

func (h *Handlers) loads(w http.ResponseWriter, v *shell.Visit) error {
	loads, next, err := h.lister().List(v, paging.Request{Cursor: v.URL.Query().Get("cursor")}, nil)
	if err != nil {
		return err
	}
	h.Show(w, v.Request, http.StatusOK, "loads/loads", &loadsPage{
		Frame: h.Frame(v, "Loads", "/loads"), Loads: loads,
		Next: page.NextPath("/loads", next),
	})
	return nil
}

// lister lists the loads.
func (h *Handlers) lister() view.LoadLister {
	return view.LoadLister{Loads: h.Loads, Sources: h.Sources, Now: h.Now}
}
