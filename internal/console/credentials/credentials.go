package credentials

import (
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/paging"
)

// credentialsPage is Sources › Credentials: access keys, and at the bottom the
// AWS Integration section.
type credentialsPage struct {
	page.Frame
	Keys         []keyView
	Integrations []view.Integration
	Removed      []view.Integration // that can be restored
	Guide        *view.Guide        // while there is no integration, or one that is not verified
}

// keyView is an access key pair; the secret is never shown.
type keyView struct {
	ID, Name, AccessKeyID, Endpoint, Region string
	CreatedAt                               time.Time
	Due                                     bool // it is to be replaced
}

// credentials shows all keys and integrations, because there are never many.
func (h *Handlers) credentials(w http.ResponseWriter, v *shell.Visit) error {
	keys, err := h.keys(v)
	if err != nil {
		return err
	}
	found, err := h.Integrations.List(v.Context(), v.Actor, v.Workspace, paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return err
	}
	p := &credentialsPage{
		Frame: h.Frame(v, "Credentials", "/sources/credentials", page.Crumb{Name: "Sources"}),
		Keys:  keys,
	}
	for _, i := range found.Items {
		p.Integrations = append(p.Integrations, view.IntegrationOf(i))
	}
	removed, err := h.Integrations.Removed(v.Context(), v.Actor, v.Workspace)
	if err != nil {
		return err
	}
	for _, i := range removed {
		p.Removed = append(p.Removed, view.IntegrationOf(i))
	}
	switch {
	case len(found.Items) == 0:
		p.Guide = view.GuideBefore(view.GuidePolicy, nil, "")
	case len(found.Items) == 1 && found.Items[0].State != integration.Verified:
		if p.Guide, err = view.GuideFor(found.Items[0]); err != nil {
			return err
		}
	}
	h.Show(w, v.Request, http.StatusOK, "credentials/credentials", p)
	return nil
}
