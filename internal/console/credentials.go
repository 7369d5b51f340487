package console

import (
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/paging"
)

// credentialsPage is Sources › Credentials: access keys, and at the bottom the
// AWS Integration section.
type credentialsPage struct {
	shell
	Keys         []keyView
	Integrations []integrationView
	Removed      []integrationView // that can be restored
	Guide        *guideView        // while there is no integration, or one that is not verified
}

// keyView is an access key pair; the secret is never shown.
type keyView struct {
	ID, Name, AccessKeyID, Endpoint, Region string
	CreatedAt                               time.Time
	Due                                     bool // it is to be replaced
}

// credentials shows all keys and integrations: neither are many.
func (c *Console) credentials(w http.ResponseWriter, v *visit) error {
	keys, err := c.keys(v)
	if err != nil {
		return err
	}
	found, err := c.config.Integrations.List(v.Context(), v.actor, v.workspace, paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return err
	}
	p := &credentialsPage{shell: c.shell(v, "Credentials", "/sources/credentials", crumb{Name: "Sources"}), Keys: keys}
	for _, i := range found.Items {
		p.Integrations = append(p.Integrations, viewIntegration(i))
	}
	removed, err := c.config.Integrations.Removed(v.Context(), v.actor, v.workspace)
	if err != nil {
		return err
	}
	for _, i := range removed {
		p.Removed = append(p.Removed, viewIntegration(i))
	}
	switch {
	case len(found.Items) == 0:
		p.Guide = guideBefore(guidePolicy, nil, "")
	case len(found.Items) == 1 && found.Items[0].State != integration.Verified:
		if p.Guide, err = guideFor(found.Items[0]); err != nil {
			return err
		}
	}
	c.show(w, v.Request, http.StatusOK, "credentials", p)
	return nil
}
