package doctor_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
)

// newest returns the newest verification after it has ended.
func newest(t *testing.T, w *doctortest.World, i integration.Integration) doctor.Verification {
	t.Helper()
	found, err := w.Doctor.List(t.Context(), w.Actor, i.Workspace, i.ID, paging.Request{Limit: 1})
	if err != nil || len(found.Items) != 1 {
		t.Fatalf("listing: %v, %v", found.Items, err)
	}
	v, err := w.Doctor.Wait(t.Context(), w.Actor, i.Workspace, i.ID, found.Items[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// tick moves the clock and runs what is due.
func tick(t *testing.T, w *doctortest.World, i integration.Integration, wait time.Duration) doctor.Verification {
	t.Helper()
	before := newest(t, w, i)
	w.Advance(wait)
	w.Doctor.Tick(t.Context())
	after := newest(t, w, i)
	if after.ID == before.ID {
		t.Fatalf("after %s nothing was due", wait)
	}
	return after
}

func TestRefusalAfterAnEditIsToldAsSpreading(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustReserve(t)
	role := w.AWS.MustRole(t, w.AWS.Customer, doctortest.RoleName, trust(w.Principal, equals("0000")))
	i = w.MustGiveRole(t, i, role)

	v := w.MustVerify(t, i)
	wait := v.AgainAt.Sub(v.EndedAt)
	if v.State != doctor.Propagating || w.MustGet(t, i).State != integration.Propagating || wait < time.Second ||
		wait > 10*time.Second {
		t.Fatalf("at once: again after %s\n%s", wait, describe(v))
	}
	v = tick(t, w, i, wait)
	if v.State != doctor.Propagating || v.Trigger != doctor.Edited {
		t.Errorf("a moment later: %s by %s", v.State, v.Trigger)
	}
	v = tick(t, w, i, integration.SpreadingFor)
	if v.State != doctor.Failing || !v.AgainAt.IsZero() || w.MustGet(t, i).State != integration.Failing {
		t.Errorf("two minutes later: again at %s\n%s", v.AgainAt, describe(v))
	}
}

func TestSpreadingEndsWell(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustReserve(t)
	spread := w.AWS.MustFault(t, fault.Fault{Kind: fault.Propagation, Delay: time.Hour})
	i = w.MustConnect(t, i)
	if v := w.MustVerify(t, i); v.State != doctor.Propagating {
		t.Fatal(describe(v))
	}
	spread()
	v := tick(t, w, i, 10*time.Second)
	if v.State != doctor.Verified {
		t.Fatal(describe(v))
	}
	// A check that fails now may pass when the edit has propagated, so it runs again.
	v = tick(t, w, i, integration.SpreadingFor)
	if v.State != doctor.Verified || v.Trigger != doctor.Settled {
		t.Errorf("once settled: %s by %s", v.State, v.Trigger)
	}
	v = tick(t, w, i, 6*time.Hour)
	if v.State != doctor.Verified || v.Trigger != doctor.Timer {
		t.Errorf("six hours later: %s by %s", v.State, v.Trigger)
	}
}

func TestEditIsVerifiedByItself(t *testing.T) {
	t.Parallel()
	var w *doctortest.World
	w = doctortest.Start(t, func(p *doctortest.Parts) {
		p.Integration.Edited = func(ctx context.Context, i integration.Integration) { w.Doctor.Edited(ctx, i) }
	})
	i := w.MustConnect(t, w.MustReserve(t))
	w.Doctor.Tick(t.Context())
	if v := newest(t, w, i); v.State != doctor.Verified || v.Trigger != doctor.Edited || v.By != "doctor" {
		t.Errorf("by %s for %s:\n%s", v.By, v.Trigger, describe(v))
	}
}

func TestRoleThatTurnsInsecure(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustConnect(t, w.MustReserve(t))
	w.Settle()
	if v := w.MustVerify(t, i); v.State != doctor.Verified {
		t.Fatal(describe(v))
	}
	reach, err := w.Integrations.Access(t.Context(), w.Actor, i.Workspace, i.ID, doctortest.Bucket)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reach.Keys(t.Context()); err != nil {
		t.Fatal(err)
	}

	w.AWS.MustTrust(t, w.AWS.Customer, doctortest.RoleName, trust(w.Principal, ""))
	v := tick(t, w, i, 6*time.Hour)
	if v.State != doctor.Insecure || w.MustGet(t, i).State != integration.Insecure {
		t.Fatal(describe(v))
	}
	if _, err := reach.Keys(t.Context()); !problem.Is(err, problem.Conflict) {
		t.Errorf("a load that runs gets keys of an insecure role: %v", err)
	}
	if _, err := w.Integrations.Access(t.Context(), w.Actor, i.Workspace, i.ID, doctortest.Bucket); !problem.Is(err,
		problem.Conflict) {
		t.Errorf("an insecure role gives access: %v", err)
	}
	w.Doctor.Stop() // waits until the result is published
	turns := w.Turns.All()
	if len(turns) != 2 || !slices.ContainsFunc(turns, func(turn doctor.Turn) bool {
		return turn.Was == integration.Verified && turn.Integration.State == integration.Insecure
	}) {
		t.Errorf("made known: %+v", turns)
	}
	last := slices.IndexFunc(w.Decisions.All(), func(d access.Decision) bool {
		return d.Actor.ID == access.Doctor && !d.Allowed && d.Resource.ID == i.ID
	})
	if last < 0 {
		t.Error("the audit does not tell of it")
	}
}

func TestNoAnswerIsNoVerdict(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustConnect(t, w.MustReserve(t))
	w.Settle()
	w.MustVerify(t, i)
	w.Carrier.Fail(func(*http.Request) (*http.Response, error) { return nil, errors.New("no route to host") })

	v := w.MustVerify(t, i)
	if v.State != doctor.Failing || w.MustGet(t, i).State != integration.Verified ||
		v.AgainAt.Sub(v.EndedAt) != 5*time.Minute {
		t.Errorf("what was proven does not stand: %s, again at %s\n%s", w.MustGet(t, i).State, v.AgainAt, describe(v))
	}
	w.Advance(24 * time.Hour)
	if v = w.MustVerify(t, i); w.MustGet(t, i).State != integration.Failing {
		t.Errorf("what was proven stands forever\n%s", describe(v))
	}
}

// TestNoAnswerIsNoRefusal checks that a trial that must be refused doesn't
// pass because there was no response.
func TestNoAnswerIsNoRefusal(t *testing.T) {
	t.Parallel()
	probe := func(r *http.Request) bool { return toSTS(r) && asks(r, "Deny") }
	for name, tt := range map[string]struct {
		status int
		body   string
	}{
		"no answer":           {0, ""},
		"trouble of its own":  {500, stsError("InternalFailure", "try later")},
		"throttled":           {400, stsError("Throttling", "Rate exceeded")},
		"a refused signature": {403, stsError("SignatureDoesNotMatch", "no")},
		"a refused policy":    {400, stsError("MalformedPolicyDocument", "no")},
		"a page of a proxy":   {403, "<html>blocked</html>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := doctortest.Start(t)
			i := w.MustConnect(t, w.MustReserve(t))
			w.Settle()
			w.Carrier.Fail(func(r *http.Request) (*http.Response, error) {
				if probe(r) && tt.status == 0 {
					return nil, errors.New("connection reset")
				}
				return instead(probe, tt.status, tt.body)(r)
			})
			v := w.MustVerify(t, i)
			for _, code := range []doctor.Code{doctor.CodeAssumeWithoutID, doctor.CodeAssumeWrongID} {
				if c := v.Check(code); c.Status != doctor.Fail {
					t.Errorf("%s is %s: %s", code, c.Status, c.Detail)
				}
			}
			if v.State != doctor.Failing || w.MustGet(t, i).State != integration.Failing {
				t.Error(describe(v))
			}
		})
	}
}

func TestEditVoidsTheVerificationUnderWay(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustConnect(t, w.MustReserve(t))
	var once sync.Once
	w.Carrier.Fail(func(r *http.Request) (*http.Response, error) {
		if toS3(r) {
			once.Do(func() {
				region := "us-east-1"
				_, err := w.Integrations.Update(context.WithoutCancel(t.Context()), w.Actor, i.Workspace, i.ID,
					integration.Change{Region: &region})
				if err != nil {
					t.Error(err)
				}
			})
		}
		return nil, nil //nolint:nilnil // nil: AWS responds
	})
	v := w.MustVerify(t, i)
	if v.State != doctor.Verified || w.MustGet(t, i).State != integration.Unverified {
		t.Errorf("the verdict on what was edited since makes it %s\n%s", w.MustGet(t, i).State, describe(v))
	}
	if v = tick(t, w, i, 0); v.State != doctor.Verified || w.MustGet(t, i).State != integration.Verified {
		t.Errorf("verified again it is %s\n%s", w.MustGet(t, i).State, describe(v))
	}
}

func TestOneAtATime(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustConnect(t, w.MustReserve(t))
	release := make(chan struct{})
	w.Carrier.Fail(func(*http.Request) (*http.Response, error) {
		<-release
		return nil, nil //nolint:nilnil // nil: AWS responds
	})
	ids := map[string]bool{}
	for range 10 {
		v, err := w.Doctor.Verify(t.Context(), w.Actor, i.Workspace, i.ID, doctor.Order{})
		if err != nil {
			t.Fatal(err)
		}
		ids[v.ID] = true
	}
	if len(ids) != 1 {
		t.Errorf("%d verifications run at once", len(ids))
	}
	close(release)
	if v := newest(t, w, i); v.State != doctor.Verified {
		t.Error(describe(v))
	}
}

// TestAskedDoesNotJoinTheTimers checks that a requested verification doesn't
// join one of the timer, which may have begun before an edit.
func TestAskedDoesNotJoinTheTimers(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustConnect(t, w.MustReserve(t))
	release := make(chan struct{})
	w.Carrier.Fail(func(*http.Request) (*http.Response, error) {
		<-release
		return nil, nil //nolint:nilnil // nil: AWS responds
	})
	first, err := w.Doctor.Verify(t.Context(), w.Actor, i.Workspace, i.ID, doctor.Order{Trigger: doctor.Timer})
	if err != nil {
		t.Fatal(err)
	}
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Doctor.Verify(impatient, w.Actor, i.Workspace, i.ID, doctor.Order{}); err == nil {
		t.Error("who gave up got an answer")
	}
	time.AfterFunc(time.Millisecond, func() { close(release) })
	second, err := w.Doctor.Verify(t.Context(), w.Actor, i.Workspace, i.ID, doctor.Order{})
	if err != nil || second.ID == first.ID || second.Trigger != doctor.Asked {
		t.Errorf("got %s by %s, %v", second.ID, second.Trigger, err)
	}
	newest(t, w, i)
}

func TestVerificationOfANodeThatEnded(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustConnect(t, w.MustReserve(t))
	left := doctor.Verification{
		ID: "ver_0", Workspace: i.Workspace, Integration: i.ID, State: doctor.Running,
		StartedAt: w.Now(),
	}
	if err := w.Store.InsertVerification(t.Context(), left); err != nil {
		t.Fatal(err)
	}
	joined, err := w.Doctor.Verify(t.Context(), w.Actor, i.Workspace, i.ID, doctor.Order{})
	if err != nil || joined.ID != left.ID {
		t.Errorf("that of another node is not joined: %s, %v", joined.ID, err)
	}
	w.Advance(5 * time.Minute)
	if v := w.MustVerify(t, i); v.ID == left.ID || v.State != doctor.Verified {
		t.Error(describe(v))
	}
	ended, err := w.Doctor.Get(t.Context(), w.Actor, i.Workspace, i.ID, left.ID)
	if err != nil || ended.State != doctor.Failing || ended.EndedAt.IsZero() {
		t.Errorf("what was left behind: %+v, %v", ended, err)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	var group sync.WaitGroup
	for n := range 100 {
		i := w.MustReserve(t, func(d *integration.Draft) { d.Name = fmt.Sprintf("acme %d", n) })
		documents, err := i.Documents()
		if err != nil {
			t.Fatal(err)
		}
		i = w.MustGiveRole(t, i, w.AWS.MustRole(t, w.AWS.Customer, fmt.Sprintf("reader-%d", n), string(documents.Trust),
			string(documents.Permission)))
		group.Go(func() {
			if v := w.MustVerify(t, i); v.State != doctor.Verified {
				t.Error(describe(v))
			}
		})
	}
	group.Wait()
}

func TestWatchSeesEachCheckOnce(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustConnect(t, w.MustReserve(t))
	v, err := w.Doctor.Verify(t.Context(), w.Actor, i.Workspace, i.ID, doctor.Order{})
	if err != nil {
		t.Fatal(err)
	}
	var states []doctor.State
	var last doctor.Verification
	err = w.Doctor.Watch(t.Context(), w.Actor, i.Workspace, i.Name, v.ID, func(seen doctor.Verification) error {
		if len(seen.Checks) < len(last.Checks) {
			t.Errorf("%d checks after %d", len(seen.Checks), len(last.Checks))
		}
		last, states = seen, append(states, seen.State)
		return nil
	})
	if err != nil || last.State != doctor.Verified || slices.Contains(states[:len(states)-1], doctor.Verified) {
		t.Errorf("saw %v, %v", states, err)
	}
	kept, err := w.Doctor.Get(t.Context(), w.Actor, i.Workspace, i.ID, v.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(statuses(last), statuses(kept)); diff != "" || kept.State != doctor.Verified {
		t.Errorf("what is kept is another (-seen +kept):\n%s", diff)
	}
}

func TestHistoryTellsWhatChanged(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustConnect(t, w.MustReserve(t))
	w.MustVerify(t, i)
	w.MustPolicy(t, "more", policy(`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::acme-data"}`))
	w.MustVerify(t, i)
	for _, limit := range []int{0, 1} { // also if the previous one is on the next page
		found, err := w.Doctor.List(t.Context(), w.Actor, i.Workspace, i.ID, paging.Request{Limit: limit})
		if err != nil || len(found.Items) != 2-limit {
			t.Fatalf("got %v, %v", found.Items, err)
		}
		want := []doctor.Change{{Code: doctor.CodeListOutside, Was: doctor.Pass, Is: doctor.Warn}}
		if diff := cmp.Diff(want, found.Items[0].Changes); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestCallsAreBounded(t *testing.T) {
	t.Parallel()
	for _, mode := range []integration.Mode{integration.Read, integration.ReadWrite} {
		for _, n := range []int{1, 2, 4, integration.MaxLocations} {
			t.Run(fmt.Sprintf("%s of %d", mode, n), func(t *testing.T) {
				t.Parallel()
				w := doctortest.Start(t)
				var locations []object.Location
				for k := range n {
					bucket := fmt.Sprintf("acme-%d", k)
					w.AWS.MustBucket(t, w.AWS.Customer.Keys, bucket)
					w.AWS.MustPut(t, w.AWS.Customer.Keys, bucket, "in/1", "1")
					locations = append(locations, object.Location{Bucket: bucket, Prefix: "in/"})
				}
				i := w.MustConnect(t, w.MustReserve(t, func(d *integration.Draft) {
					d.Locations, d.Access,
						d.Vending = locations, mode, true
				}))
				before := w.Carrier.Calls()
				v := w.MustVerify(t, i)
				calls := w.Carrier.Calls() - before
				if calls > doctor.MaxCalls || v.State != doctor.Verified || len(v.Check(doctor.CodeList).Calls) > n {
					t.Errorf("%d calls\n%s", calls, describe(v))
				}
				if c := v.Check(doctor.CodeGet); c.Status != doctor.Pass {
					t.Errorf("nothing was read: %s", c.Detail)
				}
			})
		}
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustReserve(t)
	verify := func(actor access.Actor, id string, order doctor.Order) error {
		_, err := w.Doctor.Verify(t.Context(), actor, i.Workspace, id, order)
		return err
	}
	if err := verify(w.Actor, i.ID, doctor.Order{}); !problem.Is(err, problem.Conflict) {
		t.Errorf("without a role: got %v", err)
	}
	i = w.MustConnect(t, i)
	if err := verify(w.Actor, i.ID, doctor.Order{Documents: doctor.Documents{
		Trust:  []byte("{"),
		Bucket: make([]byte, 1<<20),
	}}); len(problem.From(err).Findings) != 2 {
		t.Errorf("with documents that are none: got %v", err)
	}
	stranger := w.OtherWorkspace(t, "ws_2")
	if err := verify(stranger, i.ID, doctor.Order{}); !problem.Is(err, problem.NotFound) {
		t.Errorf("by another workspace: got %v", err)
	}
	if err := verify(w.Actor, "int_00000000000000000000000000", doctor.Order{}); !problem.Is(err, problem.NotFound) {
		t.Errorf("of nothing: got %v", err)
	}
	off := true
	if _, err := w.Integrations.Update(t.Context(), w.Actor, i.Workspace, i.ID,
		integration.Change{Disabled: &off}); err != nil {
		t.Fatal(err)
	}
	if err := verify(w.Actor, i.ID, doctor.Order{}); !problem.Is(err, problem.Conflict) {
		t.Errorf("disabled: got %v", err)
	}
	w.Doctor.Stop()
	if err := verify(w.Actor, i.ID, doctor.Order{}); err == nil {
		t.Error("a stopped service began a verification")
	}
}

func TestReadsAreForTheWorkspace(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustConnect(t, w.MustReserve(t))
	v := w.MustVerify(t, i)
	stranger := w.OtherWorkspace(t, "ws_2")
	for _, workspace := range []string{i.Workspace, "ws_2"} {
		_, get := w.Doctor.Get(t.Context(), stranger, workspace, i.ID, v.ID)
		_, list := w.Doctor.List(t.Context(), stranger, workspace, i.ID, paging.Request{})
		watch := w.Doctor.Watch(t.Context(), stranger, workspace, i.ID, v.ID, func(doctor.Verification) error {
			t.Error("another workspace watches")
			return nil
		})
		for _, err := range []error{get, list, watch} {
			if !problem.Is(err, problem.NotFound) {
				t.Errorf("in %s: got %v", workspace, err)
			}
		}
	}
}

// TestClockThatDiffers checks that a clock that is wrong by minutes is
// corrected with AWS's time.
func TestClockThatDiffers(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustConnect(t, w.MustReserve(t))
	w.Settle()
	w.AWS.MustFault(t, fault.Fault{Kind: fault.Skew, Delay: 20 * time.Minute, Match: fault.Match{Service: "s?s"}})
	w.AWS.MustFault(t, fault.Fault{Kind: fault.Skew, Delay: 20 * time.Minute, Match: fault.Match{Service: "s3"}})
	v := w.MustVerify(t, i)
	if v.State != doctor.Verified {
		t.Error(describe(v))
	}
	if w.AWS.Hits(fault.Skew) == 0 {
		t.Error("nothing was called by the other clock")
	}
}
