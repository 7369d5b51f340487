package integration_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
)

// The audit log has the AWS requests of a decision, with their request IDs:
// all requests of a verification, and each session of a load once.
func TestRequestIDsAreInTheAudit(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t, func(p *doctortest.Parts) {
		recorder := audit.NewRecorder(p.Doctor.Store.(audit.Appender))
		p.Integration.Notes, p.Doctor.Notes = recorder, recorder
	})
	i := w.MustConnect(t, w.MustReserve(t))
	w.Settle()
	v := w.MustVerify(t, i)
	reach, err := w.Integrations.Access(t.Context(), w.Actor, i.Workspace, i.ID, doctortest.Bucket)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := reach.Keys(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	reader := audit.New(audit.Config{Store: w.Store, Checker: access.NewChecker(w.Decisions, time.Now)})
	var verified, used, done []audit.Entry
	found, err := reader.List(t.Context(), w.Actor, i.Workspace, audit.Filter{}, paging.Request{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found.Items {
		switch {
		case e.Outcome != audit.Done || e.Resource.ID != i.ID || e.Actor.ID != w.Actor.ID:
			t.Errorf("an entry that no act made: %+v", e)
		case e.Action == string(access.IntegrationVerify):
			verified = append(verified, e)
		case e.Action == string(access.IntegrationUse):
			used = append(used, e)
		default:
			done = append(done, e)
		}
	}
	asked := v.Check("assume").Calls[0].RequestID
	listed := v.Check("region").Calls[0].RequestID
	if len(verified) != 1 || asked == "" || listed == "" ||
		!strings.Contains(strings.Join(verified[0].AWSRequestIDs, " "), asked) || len(verified[0].AWSRequestIDs) < 10 ||
		!strings.Contains(verified[0].Reason, v.ID) {
		t.Errorf("of the verification, with %q: %+v", asked, verified)
	}
	if len(done) != 2 { // it was reserved, then given a role
		t.Errorf("of what was done: %+v", done)
	}
	if len(used) != 1 || len(used[0].AWSRequestIDs) != 1 || !strings.Contains(used[0].Reason,
		":assumed-role/"+doctortest.RoleName) {
		t.Errorf("of the session: %+v", used)
	}
}

// The audit log has the result of each action, with the integration's ID,
// however the request named it.
func TestTheAuditTellsWhatWasDone(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t, func(p *doctortest.Parts) {
		p.Integration.Notes = audit.NewRecorder(
			p.Doctor.Store.(audit.Appender))
	})
	i := w.MustReserve(t, func(d *integration.Draft) { d.Name = "acme" })
	role, off := aRole, true
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.Integrations.Update(t.Context(), w.Actor, i.Workspace, "acme",
		integration.Change{RoleARN: &role, Disabled: &off}))
	must(w.Integrations.Rotate(t.Context(), w.Actor, i.Workspace, "acme"))
	must(w.Integrations.Remove(t.Context(), w.Actor, i.Workspace, "acme", impact.Waived()))
	must(w.Integrations.Restore(t.Context(), w.Actor, i.Workspace, "acme"))

	reader := audit.New(audit.Config{Store: w.Store, Checker: access.NewChecker(w.Decisions, time.Now)})
	found, err := reader.List(t.Context(), w.Actor, i.Workspace, audit.Filter{Resource: i.ID}, paging.Request{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range found.Items {
		got = append(got, e.Action+": "+e.Reason)
	}
	want := []string{
		`integration.remove: Restored "acme".`, `integration.remove: Removed "acme".`,
		"integration.rotate: Started a rotation of the External ID.",
		"integration.update: Changed the role to " + aRole + ", disabled to on.",
		`integration.create: Created "acme" with no role yet: read at s3://` + doctortest.Bucket + "/" +
			doctortest.Prefix + ".",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
