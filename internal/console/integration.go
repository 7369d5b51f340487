package console

import (
	"net/http"
	"time"
)

// integrationPage is one integration: its verification, its documents, its
// values.
type integrationPage struct {
	shell
	Integration  integrationView
	Verification *verificationView // nil when there was none
	Setup        []setupDocument
	Runs         []runView   // the last verifications, newest first
	Changed      []codeBlock // what the edit before changed in the documents, once
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
func (r runView) Chip() chip { return integrationChip(r.State) }

// integration shows one integration. The query's "setup" chooses the format of
// the documents, "verification" an earlier run.
func (c *Console) integration(w http.ResponseWriter, v *visit) error {
	// The runs are read first: a run ends after its verdict is the integration's
	// state, so that the page never shows an old state beside a run that ended.
	shown, runs, err := c.verifications(v, v.PathValue("id"))
	if err != nil {
		return err
	}
	found, err := c.config.Integrations.Get(v.Context(), v.actor, v.workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	shown.about(&found)
	p := &integrationPage{
		shell:        c.shell(v, found.Name, "/sources/credentials", credentialCrumbs(found.Name)...),
		Integration:  viewIntegration(found),
		Verification: shown,
		Runs:         runs,
	}
	if p.Setup, err = c.setup(v, found, v.URL.Query().Get("setup")); err != nil {
		return err
	}
	p.Changed, p.Problem = c.takeChanged(v, found.ID), c.takeRefused(v, found.ID)
	c.show(w, v.Request, http.StatusOK, "integration", p)
	return nil
}
