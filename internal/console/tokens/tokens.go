package tokens

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/paging"
)

// tokensPage lists the API tokens.
type tokensPage struct {
	page.Frame
	Tokens []view.Token
	Review []view.Token // from before tokens had makers, for owners to review
	Next   string
}

func (h *Handlers) tokens(w http.ResponseWriter, v *shell.Visit) error {
	request := paging.Request{Cursor: v.URL.Query().Get("cursor")}
	found, err := h.Tokens.List(v.Context(), v.Actor, v.Workspace, request)
	if err != nil {
		return err
	}
	datasets, err := view.DatasetOptions(v, h.Datasets)
	if err != nil {
		return err
	}
	p := &tokensPage{Frame: h.Frame(v, "API tokens", "/tokens"), Next: page.NextPath("/tokens", found.Next)}
	for i := range found.Items {
		view := view.TokenOf(h.Shell, v, &found.Items[i], datasets)
		p.Tokens = append(p.Tokens, view)
		if found.Items[i].Review && v.Actor.Role == access.Owner {
			p.Review = append(p.Review, view)
		}
	}
	h.Show(w, v.Request, http.StatusOK, "tokens/tokens", p)
	return nil
}
