package integrations

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/problem"
)

// The session keeps why a button of an integration's page was refused until
// the page shows it.
const sessionRefused = "refused:"

// refusedOn shows the integration's page with the reason why an action was
// refused. It returns other errors.
func (h *Handlers) refusedOn(w http.ResponseWriter, v *shell.Visit, id string, err error) error {
	if !shell.Rejected(err) {
		return err
	}
	e := problem.From(err)
	h.Sessions().Put(v.Context(), sessionRefused+"message:"+id, e.Message)
	h.Sessions().Put(v.Context(), sessionRefused+"hint:"+id, e.Hint)
	h.Redirect(w, v.Request, view.IntegrationPath(id))
	return nil
}

// takeRefused returns why a button was refused, once.
func (h *Handlers) takeRefused(v *shell.Visit, id string) *page.Problem {
	message := h.Sessions().PopString(v.Context(), sessionRefused+"message:"+id)
	if message == "" {
		return nil
	}
	return &page.Problem{Message: message, Hint: h.Sessions().PopString(v.Context(), sessionRefused+"hint:"+id)}
}
