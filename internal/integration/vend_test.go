package integration_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
)

// An integration vends when it says so, and its role lets it: then only.
func TestVend(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustConnect(t, w.MustReserve(t))
	vend := func() (integration.Integration, error) {
		return w.Integrations.Vend(t.Context(), w.Actor, i.Workspace, i.ID)
	}
	if _, err := vend(); !problem.Is(err, problem.Conflict) {
		t.Errorf("unverified: got %v", err)
	}
	w.Settle()
	w.MustVerify(t, i)
	if _, err := vend(); !problem.Is(err, problem.Conflict) || !strings.Contains(problem.From(err).Hint, "--vending") {
		t.Errorf("verified and not for vending: got %v", err)
	}

	on := true
	edited, err := w.Integrations.Update(t.Context(), w.Actor, i.Workspace, i.ID, integration.Change{Vending: &on})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(edited.TrustDiff, "+") || !strings.Contains(edited.TrustDiff, "sts:TagSession") ||
		edited.Integration.State != integration.Unverified {
		t.Errorf("switched on: got %s with the diff\n%s", edited.Integration.State, edited.TrustDiff)
	}
	documents, err := edited.Integration.Documents()
	if err != nil {
		t.Fatal(err)
	}
	w.AWS.MustTrust(t, w.AWS.Customer, doctortest.RoleName, string(documents.Trust))
	w.Settle()
	w.MustVerify(t, i)
	found, err := vend()
	if err != nil || !found.Vending {
		t.Fatalf("verified for vending: got %v", err)
	}
	if _, err := w.Integrations.Vend(t.Context(), w.OtherWorkspace(t, "ws_2"), "ws_2", i.ID); !problem.Is(err,
		problem.NotFound) {
		t.Errorf("another workspace's: got %v", err)
	}

	off := false
	if _, err := w.Integrations.Update(t.Context(), w.Actor, i.Workspace, i.ID,
		integration.Change{Vending: &off}); err != nil {
		t.Fatal(err)
	}
	if err := w.Integrations.StillUsable(t.Context(), &found); err == nil {
		t.Error("what was vended before an edit goes on")
	}
}
