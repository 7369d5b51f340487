package integrations

import (
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
)

// integrationPage shows one integration: its verification, its documents, its
// values.
type integrationPage struct {
	page.Frame
	Integration  view.Integration
	Verification *view.Verification // nil if there was none
	Setup        []setupDocument
	Runs         []runView   // the last verifications, newest first
	Changed      []page.Code // how the last edit changed the documents; shown once
}

// verifyAction is the button that starts a verification. It is disabled while
// one runs.
type verifyAction struct {
	Path            string // the integration's
	Running, Before bool   // a verification runs, or has run
	Later           bool   // it replaces the one on the page
}

// VerifyAction returns the button in the page's header. It only waits for the
// run that the page follows, because the page doesn't learn the end of other
// runs.
func (p *integrationPage) VerifyAction() verifyAction {
	running := p.Verification != nil && p.Verification.Running()
	return verifyAction{Path: p.Integration.Path(), Running: running, Before: p.Verification != nil}
}

// runView is a verification in the history.
type runView struct {
	ID        string
	State     string
	StartedAt time.Time
	Changes   []string // checks with another result than in the previous run
}

// Chip returns the chip that shows how it went.
func (r runView) Chip() page.Chip { return view.IntegrationChip(r.State) }

// integration shows one integration. The query's "setup" chooses the format of
// the documents, "verification" an earlier run.
func (h *Handlers) integration(w http.ResponseWriter, v *shell.Visit) error {
	// Read the runs first. A run ends after its verdict has changed the
	// integration's state, so the page never shows an old state next to an
	// ended run.
	shown, runs, err := h.verifications(v, v.PathValue("id"))
	if err != nil {
		return err
	}
	found, err := h.Integrations.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	shown.About(&found)
	p := &integrationPage{
		Frame:        h.Frame(v, found.Name, "/sources/credentials", view.CredentialCrumbs(found.Name)...),
		Integration:  view.IntegrationOf(found),
		Verification: shown,
		Runs:         runs,
	}
	if p.Setup, err = h.setup(v, found, v.URL.Query().Get("setup")); err != nil {
		return err
	}
	p.Changed, p.Problem = h.takeChanged(v, found.ID), h.takeRefused(v, found.ID)
	h.Show(w, v.Request, http.StatusOK, "integrations/integration", p)
	return nil
}
