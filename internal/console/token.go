package console

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
)

// tokensPage lists the API tokens.
type tokensPage struct {
	shell
	Tokens []tokenView
	Review []tokenView // from before tokens had makers; owners look at them
	Next   string
}

func (c *Console) tokens(w http.ResponseWriter, v *visit) error {
	request := paging.Request{Cursor: v.URL.Query().Get("cursor")}
	found, err := c.config.Tokens.List(v.Context(), v.actor, v.workspace, request)
	if err != nil {
		return err
	}
	datasets, err := datasetOptions(v, c.config.Datasets)
	if err != nil {
		return err
	}
	p := &tokensPage{shell: c.shell(v, "API tokens", "/tokens"), Next: nextPage("/tokens", found.Next)}
	for i := range found.Items {
		view := viewToken(c, v, &found.Items[i], datasets)
		p.Tokens = append(p.Tokens, view)
		if found.Items[i].Review && v.actor.Role == access.Owner {
			p.Review = append(p.Review, view)
		}
	}
	c.show(w, v.Request, http.StatusOK, "tokens", p)
	return nil
}
