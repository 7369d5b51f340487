package integrations

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/principal"
)

// identityPage shows Windlass's own AWS principal.
type identityPage struct {
	page.Frame
	Identity principal.Report
}

// RightMark shows whether a permission is as it should be.
func (identityPage) RightMark(r principal.Right) page.Chip {
	switch {
	case r.Answer == principal.Unsure || r.Action == "iam:SimulatePrincipalPolicy":
		return page.Chip{Tone: "", Icon: "circle-question-mark", Label: string(r.Answer)}
	case r.Wanted == (r.Answer == principal.Allowed):
		return page.Chip{Tone: "good", Icon: "circle-check", Label: string(r.Answer)}
	}
	return page.Chip{Tone: "warn", Icon: "triangle-alert", Label: string(r.Answer)}
}

func (h *Handlers) identity(w http.ResponseWriter, v *shell.Visit) error {
	found, err := h.Identity.Show(v.Context(), v.Actor)
	if err != nil {
		return err
	}
	h.Show(w, v.Request, http.StatusOK, "integrations/identity", &identityPage{
		Frame:    h.Frame(v, "Identity", "/identity"),
		Identity: found,
	})
	return nil
}
