package integrations

import (
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
)

// integrationPage is one integration: its verification, its documents, its
// values.
type integrationPage struct {
	page.Frame
	Integration  view.Integration
	Verification *view.Verification // nil when there was none
	Setup        []setupDocument
	Runs         []runView   // the last verifications, newest first
	Changed      []page.Code // what the edit before changed in the documents, once
}

// verifyAction is the button that verifies; while a verification runs there is
// nothing to press.
type verifyAction struct {
	Path            string // the integration's
	Running, Before bool   // a verification runs, or has run
	Later           bool   // it takes the place of the one that the page has
}

// VerifyAction is the button of the page's head. It waits for the run that the
// page follows, and for no other: what is not followed is not told to end.
func (p *integrationPage) VerifyAction() verifyAction {
	running := p.Verification != nil && p.Verification.Running()
	return verifyAction{Path: p.Integration.Path(), Running: running, Before: p.Verification != nil}
}

// runView is a verification in the history.
type runView struct {
	ID        string
	State     string
	StartedAt time.Time
	Changes   []string // what another answer came to than in the run before
}

// Chip returns the chip that shows how it went.
func (r runView) Chip() page.Chip { return view.IntegrationChip(r.State) }

// integration shows one integration. The query's "setup" chooses the format of
// the documents, "verification" an earlier run.
func (h *Handlers) integration(w http.ResponseWriter, v *shell.Visit) error {
	// The runs are read first: a run ends after its verdict is the integration's
	// state, so that the page never shows an old state beside a run that ended.
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
