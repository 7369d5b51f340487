package integration_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
)

// An integration vends only if that is enabled and its role allows it.
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

	reading, err := w.Integrations.Access(t.Context(), w.Actor, i.Workspace, i.ID, doctortest.Bucket)
	if err != nil {
		t.Fatal(err)
	}
	on := true
	edited, err := w.Integrations.Update(t.Context(), w.Actor, i.Workspace, i.ID, integration.Change{Vending: &on})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(edited.TrustDiff, "+") || !strings.Contains(edited.TrustDiff, "sts:TagSession") ||
		edited.Integration.State != integration.Verified ||
		edited.Integration.Parts[integration.Vending].State != integration.Unverified {
		t.Errorf("switched on: got %s and %v with the diff\n%s", edited.Integration.State, edited.Integration.Parts,
			edited.TrustDiff)
	}
	if _, err := vend(); !problem.Is(err, problem.Conflict) || !strings.Contains(err.Error(), "isn't verified yet") {
		t.Errorf("switched on and not verified: got %v", err)
	}
	if _, err := reading.Keys(t.Context()); err != nil {
		t.Errorf("a load that was running when vending was switched on: %v", err)
	}
	if v := w.MustVerify(t, i); v.State == doctor.Verified {
		t.Error("the verification passes before the role was changed")
	}
	if got := w.MustGet(t, i); got.State != integration.Verified ||
		got.Parts[integration.Vending].State == integration.Verified {
		t.Errorf("vending that fails: got %s and %v", got.State, got.Parts)
	}
	if _, err := reading.Keys(t.Context()); err != nil {
		t.Errorf("a load while vending fails: %v", err)
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
	if _, err := vend(); !problem.Is(err, problem.Conflict) {
		t.Errorf("switched off: got %v", err)
	}
	if err := w.Integrations.StillUsable(t.Context(), &found); err != nil {
		t.Errorf("loads don't go on: %v", err)
	}
}

// TestWritingIsAdded checks that reading continues while writing, with its own state,
// is added. Removing it must be verified, because reading includes that writing is
// denied.
func TestWritingIsAdded(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustConnect(t, w.MustReserve(t))
	w.Settle()
	w.MustVerify(t, i)
	set := func(mode integration.Mode) integration.Edited {
		t.Helper()
		edited, err := w.Integrations.Update(t.Context(), w.Actor, i.Workspace, i.ID, integration.Change{Access: &mode})
		if err != nil {
			t.Fatal(err)
		}
		return edited
	}
	expect := func(when string, reading, writing integration.State) {
		t.Helper()
		got := w.MustGet(t, i)
		if got.State != reading || got.Parts[integration.Writing].State != writing {
			t.Errorf("%s: got %s and %v", when, got.State, got.Parts)
		}
	}
	edited := set(integration.ReadWrite)
	expect("added", integration.Verified, integration.Unverified)
	w.Settle()
	w.MustVerify(t, i)
	expect("not granted", integration.Verified, integration.Failing)
	documents, err := edited.Integration.Documents()
	if err != nil {
		t.Fatal(err)
	}
	w.MustPolicy(t, "windlass", string(documents.Permission))
	w.Settle()
	w.MustVerify(t, i)
	expect("granted", integration.Verified, integration.Verified)
	set(integration.Read)
	expect("taken away", integration.Unverified, "")
}

// TestRemovalOfWhatWasRefused checks that a load stopped by a disabled integration
// doesn't continue, although a load continues for a while if a working integration
// is removed.
func TestRemovalOfWhatWasRefused(t *testing.T) {
	t.Parallel()
	for _, disable := range []bool{false, true} {
		w := doctortest.Start(t)
		i := w.MustConnect(t, w.MustReserve(t))
		w.Settle()
		w.MustVerify(t, i)
		reading, err := w.Integrations.Access(t.Context(), w.Actor, i.Workspace, i.ID, doctortest.Bucket)
		if err != nil {
			t.Fatal(err)
		}
		if disable {
			if _, err := w.Integrations.Update(t.Context(), w.Actor, i.Workspace, i.ID,
				integration.Change{Disabled: &disable}); err != nil {
				t.Fatal(err)
			}
			if _, err := reading.Keys(t.Context()); !problem.Is(err, problem.Conflict) {
				t.Errorf("disabled: got %v", err)
			}
		}
		if _, err := w.Integrations.Remove(t.Context(), w.Actor, i.Workspace, i.ID, impact.Waived()); err != nil {
			t.Fatal(err)
		}
		if _, err := reading.Keys(t.Context()); (err != nil) != disable {
			t.Errorf("disabled %v and removed: got %v", disable, err)
		}
	}
}
