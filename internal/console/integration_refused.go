package console

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/problem"
)

// The session keeps why a button of an integration's page was refused until
// the page shows it.
const sessionRefused = "refused:"

// refusedOn takes a person back to the integration's page, which says why what
// they asked for was not done. An error that says nothing of that is given on.
func (c *Console) refusedOn(w http.ResponseWriter, v *visit, id string, err error) error {
	if !rejected(err) {
		return err
	}
	e := problem.From(err)
	c.sessions.Put(v.Context(), sessionRefused+"message:"+id, e.Message)
	c.sessions.Put(v.Context(), sessionRefused+"hint:"+id, e.Hint)
	c.redirect(w, v.Request, integrationPath(id))
	return nil
}

// takeRefused returns why a button was refused, once.
func (c *Console) takeRefused(v *visit, id string) *problemView {
	message := c.sessions.PopString(v.Context(), sessionRefused+"message:"+id)
	if message == "" {
		return nil
	}
	return &problemView{Message: message, Hint: c.sessions.PopString(v.Context(), sessionRefused+"hint:"+id)}
}
