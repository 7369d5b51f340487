package integrations

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/paging"
)

// historyLength limits the verifications in a page's history.
const historyLength = 8

// verifications returns the run that the page shows, or nil if there was
// none, and the last runs.
func (h *Handlers) verifications(v *shell.Visit, integrationID string) (*view.Verification, []runView, error) {
	runs, err := h.lastRuns(v, integrationID)
	if err != nil || len(runs) == 0 {
		return nil, nil, err
	}
	id := v.URL.Query().Get("verification")
	if id == "" {
		id = runs[0].ID
	}
	shown, err := h.Doctor.Get(v.Context(), v.Actor, v.Workspace, integrationID, id)
	if err != nil {
		return nil, nil, err
	}
	view := view.VerificationOf(shown)
	view.Earlier = id != runs[0].ID
	if !view.Earlier {
		runs[0].State = string(shown.State) // it may have ended since they were listed
	}
	return view, runs, nil
}

// lastRuns returns the last verifications, newest first.
func (h *Handlers) lastRuns(v *shell.Visit, integrationID string) ([]runView, error) {
	found, err := h.Doctor.List(v.Context(), v.Actor, v.Workspace, integrationID,
		paging.Request{Limit: historyLength})
	return viewRuns(found.Items), err
}

// viewRuns returns the history: each run, and how its results differ from the
// previous run's.
func viewRuns(found []doctor.Past) []runView {
	var runs []runView
	for _, run := range found {
		past := runView{ID: run.ID, State: string(run.State), StartedAt: run.StartedAt}
		for _, change := range run.Changes {
			past.Changes = append(past.Changes, fmt.Sprintf("%s: %s, was %s", change.Code.Title(),
				view.CheckMark(string(change.Is)).Label, view.CheckMark(string(change.Was)).Label))
		}
		runs = append(runs, past)
	}
	return runs
}

// verify begins a verification and shows it filling in.
func (h *Handlers) verify(w http.ResponseWriter, v *shell.Visit) error {
	id := v.PathValue("id")
	if _, err := h.Doctor.Verify(v.Context(), v.Actor, v.Workspace, id,
		doctor.Order{Trigger: doctor.Asked}); err != nil {
		return h.refusedOn(w, v, id, err)
	}
	h.Redirect(w, v.Request, view.IntegrationPath(id)+"#verification")
	return nil
}

// verificationReport serves a verification as a self-contained page.
func (h *Handlers) verificationReport(w http.ResponseWriter, v *shell.Visit) error {
	run, err := h.Doctor.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"), v.PathValue("verification"))
	if err != nil {
		return err
	}
	var report bytes.Buffer
	if err := doctor.WriteReport(&report, run); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	w.Header().Set("Content-Disposition", `attachment; filename="`+run.ID+`.html"`)
	_, _ = report.WriteTo(w)
	return nil
}

// verificationEvents streams a verification as server-sent events: each is the
// checklist as it then is. At the end come the integration's new state, the
// last verifications, and an event named "done".
func (h *Handlers) verificationEvents(w http.ResponseWriter, v *shell.Visit) error {
	id := v.PathValue("id")
	i, err := h.Integrations.Get(v.Context(), v.Actor, v.Workspace, id)
	if err != nil {
		return err
	}
	stream := shell.NewStream(w)
	seen := 0
	err = h.Doctor.Watch(v.Context(), v.Actor, v.Workspace, id, v.PathValue("verification"),
		func(run doctor.Verification) error {
			view := view.VerificationOf(run)
			view.About(&i)
			for n := seen; n < len(run.Checks); n++ {
				view.Checks[n].Fresh = true
			}
			seen = len(run.Checks)
			return h.SendFragment(stream, "integrations/integration", "verification-body", view)
		})
	if err != nil {
		return stream.End(err)
	}
	found, err := h.Integrations.Get(v.Context(), v.Actor, v.Workspace, id)
	if err != nil {
		return stream.End(err)
	}
	if err := h.SendFragment(stream, "integrations/integration", "integration-state-later", view.IntegrationOf(found)); err != nil {
		return stream.End(err)
	}
	if err := h.SendFragment(stream, "integrations/integration", "verify-action",
		verifyAction{Path: view.IntegrationPath(id), Before: true, Later: true}); err != nil {
		return stream.End(err)
	}
	runs, err := h.lastRuns(v, id)
	if err != nil {
		return stream.End(err)
	}
	if err := h.SendFragment(stream, "integrations/integration", "runs-later", runs); err != nil {
		return stream.End(err)
	}
	return stream.End(stream.Event("done", "done"))
}
