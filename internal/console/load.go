package console

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/paging"
)

// loadsPage lists the loads.
type loadsPage struct {
	shell
	Loads []loadView
	Next  string
}

func (c *Console) loads(w http.ResponseWriter, v *visit) error {
	loads, next, err := c.lister().list(v, paging.Request{Cursor: v.URL.Query().Get("cursor")}, nil)
	if err != nil {
		return err
	}
	c.show(w, v.Request, http.StatusOK, "loads", &loadsPage{
		shell: c.shell(v, "Loads", "/loads"), Loads: loads,
		Next: nextPage("/loads", next),
	})
	return nil
}

// lister lists the loads.
func (c *Console) lister() loadLister {
	return loadLister{Loads: c.config.Loads, Sources: c.config.Sources, Now: c.config.Now}
}
