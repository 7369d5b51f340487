package console

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/paging"
)

// historyLength is how many of the last verifications a page names.
const historyLength = 8

// verifications are the run that the page shows, nil when there was none, and
// the last runs.
func (c *Console) verifications(v *visit, integrationID string) (*verificationView, []runView, error) {
	runs, err := c.lastRuns(v, integrationID)
	if err != nil || len(runs) == 0 {
		return nil, nil, err
	}
	id := v.URL.Query().Get("verification")
	if id == "" {
		id = runs[0].ID
	}
	shown, err := c.config.Doctor.Get(v.Context(), v.actor, v.workspace, integrationID, id)
	if err != nil {
		return nil, nil, err
	}
	view := viewVerification(shown)
	view.Earlier = id != runs[0].ID
	if !view.Earlier {
		runs[0].State = string(shown.State) // it may have ended since they were listed
	}
	return view, runs, nil
}

// lastRuns are the last verifications, newest first.
func (c *Console) lastRuns(v *visit, integrationID string) ([]runView, error) {
	found, err := c.config.Doctor.List(v.Context(), v.actor, v.workspace, integrationID,
		paging.Request{Limit: historyLength})
	return viewRuns(found.Items), err
}

// viewRuns is a history: each run, and what came out otherwise than in the one
// before it.
func viewRuns(found []doctor.Past) []runView {
	var runs []runView
	for _, run := range found {
		past := runView{ID: run.ID, State: string(run.State), StartedAt: run.StartedAt}
		for _, change := range run.Changes {
			past.Changes = append(past.Changes, fmt.Sprintf("%s: %s, was %s", change.Code.Title(),
				checkMark(string(change.Is)).Label, checkMark(string(change.Was)).Label))
		}
		runs = append(runs, past)
	}
	return runs
}

// verify begins a verification and shows it filling in.
func (c *Console) verify(w http.ResponseWriter, v *visit) error {
	id := v.PathValue("id")
	if _, err := c.config.Doctor.Verify(v.Context(), v.actor, v.workspace, id,
		doctor.Order{Trigger: doctor.Asked}); err != nil {
		return c.refusedOn(w, v, id, err)
	}
	c.redirect(w, v.Request, integrationPath(id)+"#verification")
	return nil
}

// verificationReport hands out a verification as a page that stands for
// itself.
func (c *Console) verificationReport(w http.ResponseWriter, v *visit) error {
	run, err := c.config.Doctor.Get(v.Context(), v.actor, v.workspace, v.PathValue("id"), v.PathValue("verification"))
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
func (c *Console) verificationEvents(w http.ResponseWriter, v *visit) error {
	id := v.PathValue("id")
	i, err := c.config.Integrations.Get(v.Context(), v.actor, v.workspace, id)
	if err != nil {
		return err
	}
	stream := newStream(w)
	seen := 0
	err = c.config.Doctor.Watch(v.Context(), v.actor, v.workspace, id, v.PathValue("verification"),
		func(run doctor.Verification) error {
			view := viewVerification(run)
			view.about(&i)
			for n := seen; n < len(run.Checks); n++ {
				view.Checks[n].Fresh = true
			}
			seen = len(run.Checks)
			return c.sendFragment(stream, "integration", "verification-body", view)
		})
	if err != nil {
		return stream.end(err)
	}
	found, err := c.config.Integrations.Get(v.Context(), v.actor, v.workspace, id)
	if err != nil {
		return stream.end(err)
	}
	if err := c.sendFragment(stream, "integration", "integration-state-later", viewIntegration(found)); err != nil {
		return stream.end(err)
	}
	if err := c.sendFragment(stream, "integration", "verify-action",
		verifyAction{Path: integrationPath(id), Before: true, Later: true}); err != nil {
		return stream.end(err)
	}
	runs, err := c.lastRuns(v, id)
	if err != nil {
		return stream.end(err)
	}
	if err := c.sendFragment(stream, "integration", "runs-later", runs); err != nil {
		return stream.end(err)
	}
	return stream.end(stream.event("done", "done"))
}
