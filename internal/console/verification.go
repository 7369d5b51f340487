package console

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/integration"
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
		view := runView{ID: run.ID, State: string(run.State), StartedAt: run.StartedAt}
		for _, change := range run.Changes {
			view.Changes = append(view.Changes, fmt.Sprintf("%s: %s, was %s", change.Code.Title(),
				checkMark(string(change.Is)).Label, checkMark(string(change.Was)).Label))
		}
		runs = append(runs, view)
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
			view.of(&i)
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

func (c *Console) sendFragment(stream *stream, page, template string, data any) error {
	var out bytes.Buffer
	if err := c.renderer.render(&out, page, template, data); err != nil {
		return err
	}
	return stream.event("", out.String())
}

// of sets what is known of the integration; there may be no view.
func (v *verificationView) of(i *integration.Integration) {
	if v != nil {
		v.ProvenAt, v.Out = i.VerifiedAt, i.State == integration.Disabled || i.State == integration.Removed
		v.Edited = v.Revision != i.Revision
	}
}

// viewVerification is a run as the page shows it. While it runs, the checks
// that will come are there as well.
func viewVerification(run doctor.Verification) *verificationView {
	v := &verificationView{
		ID: run.ID, Integration: run.Integration, Credential: run.Credential, State: string(run.State),
		Reason:    run.Reason,
		StartedAt: run.StartedAt, AgainAt: run.AgainAt, Revision: run.Subject.Revision,
	}
	if !run.EndedAt.IsZero() {
		v.Took = run.EndedAt.Sub(run.StartedAt)
	}
	for _, check := range run.Checks {
		v.Checks = append(v.Checks, viewCheck(check))
	}
	sayOnce(v.Checks)
	if run.State == doctor.Running {
		v.Checks = append(v.Checks, checksToCome(run)...)
	}
	return v
}

// sayOnce leaves out a change that an earlier check shows in full.
func sayOnce(checks []checkView) {
	shown := map[string]string{}
	for n := range checks {
		c := &checks[n]
		change := c.Document + c.Command
		if change == "" {
			continue
		}
		if first := shown[change]; first != "" {
			c.SameAs, c.Document, c.Diff, c.Command = first, "", "", ""
			continue
		}
		shown[change] = c.Title()
	}
}

func viewCheck(check doctor.Check) checkView {
	v := checkView{
		Code: string(check.Code), Status: string(check.Status), Detail: check.Detail, Cause: check.Cause,
		WaitsFor: string(check.WaitsFor), Took: check.Took, Ours: check.CauseCode.Ours(),
	}
	for _, call := range check.Calls {
		v.Calls = append(v.Calls, callView{
			Action: call.Action, Resource: call.Resource, Answer: answerOf(call),
			RequestID: call.RequestID,
		})
	}
	if fix := check.Fix; fix != nil {
		v.Fix, v.Name, v.Document, v.Diff, v.Command = fix.Text, documentNames[fix.Where], indentJSON(fix.Document),
			fix.Diff, fix.Command
	}
	return v
}

var documentNames = map[doctor.Where]string{
	doctor.TrustPolicy:      "Trust policy",
	doctor.PermissionPolicy: "Permission policy",
	doctor.BoundaryPolicy:   "Permissions boundary",
	doctor.BucketPolicy:     "Bucket policy",
}

func answerOf(call doctor.Call) string {
	if call.Status == 0 {
		return "none"
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", call.Status, call.ErrorCode))
}

// checksToCome are the checks that a run has not done yet, in order; the first
// of them is under way.
func checksToCome(run doctor.Verification) []checkView {
	var coming []checkView
	for _, code := range []doctor.Code{
		doctor.CodeIdentity, doctor.CodeRoleARN, doctor.CodeAssume, doctor.CodeAssumeWithoutID,
		doctor.CodeAssumeWrongID, doctor.CodeVend,
		doctor.CodeRegion, doctor.CodeList, doctor.CodeListOutside, doctor.CodeGet, doctor.CodeGetOutside,
		doctor.CodePut, doctor.CodeDelete, doctor.CodePutRefused, doctor.CodeRequesterPays, doctor.CodeSessionPolicy,
	} {
		writes := code == doctor.CodePut || code == doctor.CodeDelete
		if run.Check(code) != nil || writes && run.Subject.Access != integration.ReadWrite ||
			code == doctor.CodeVend && !run.Subject.Vending || code == doctor.CodePutRefused &&
			run.Subject.Access == integration.ReadWrite {
			continue
		}
		status := "waiting"
		if len(coming) == 0 {
			status = "running"
		}
		coming = append(coming, checkView{Code: string(code), Status: status})
	}
	return coming
}
