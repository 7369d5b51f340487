package load_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

// work runs workers until the test ends.
func (h *house) work(t *testing.T, count int) {
	t.Helper()
	w := load.NewWorkers(h.loads, h.loader, "worker", count, quiet())
	if err := w.Start(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
}

func TestWorkersRunTheQueue(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	var started []load.Load
	for _, name := range []string{"a", "b", "c"} {
		h.put(t, name, lines(0, 10))
		started = append(started, h.start(t, load.Order{Source: h.source(t, name, source.Format{}), Dataset: name}))
	}
	h.put(t, "bad", "")
	bad := h.start(t, load.Order{Source: h.source(t, "bad", source.Format{IncludeMarkers: true}), Dataset: "bad"})
	h.work(t, 2)
	for _, l := range started {
		if ended := h.await(t, l.ID); ended.State != load.Loaded || ended.Progress.Rows != 10 ||
			ended.EndedAt.IsZero() || ended.StartedAt.IsZero() {
			t.Errorf("%+v", ended)
		}
	}
	ended := h.await(t, bad.ID)
	if ended.State != load.Failed || !strings.Contains(ended.Fault, "s3://bucket/bad: It is empty.") ||
		ended.Hint == "" || len(ended.Problems) != 1 {
		t.Errorf("%+v", ended)
	}
}

func TestCancelledLoadLeavesNothing(t *testing.T) {
	t.Parallel()
	reading := make(chan struct{})
	h := build(t, doors{bucket: func(b object.Bucket) object.Bucket {
		return &hook{b, func(ctx context.Context, key string, _ object.ReadOptions) error {
			if key != "b" {
				return nil
			}
			close(reading)
			<-ctx.Done() // an object that never arrives
			return ctx.Err()
		}}
	}})
	h.put(t, "a", lines(0, 10))
	h.put(t, "b", lines(10, 20))
	l := h.start(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"})
	h.work(t, 1)
	<-reading
	if _, err := h.loads.Cancel(t.Context(), owner, workspaceID, l.ID); err != nil {
		t.Fatal(err)
	}
	if ended := h.await(t, l.ID); ended.State != load.Cancelled {
		t.Errorf("%+v", ended)
	}
	if n := h.count(t, "d"); n > 0 {
		t.Errorf("%d rows of it are left", n)
	}
}

func TestQueuedLoadIsCancelledAtOnce(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.put(t, "a", lines(0, 10))
	l := h.start(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"})
	cancelled, err := h.loads.Cancel(t.Context(), owner, workspaceID, l.ID)
	if err != nil || cancelled.State != load.Cancelled {
		t.Errorf("%+v, %v", cancelled, err)
	}
}

// A watcher sees every state until the end, and the audit has one read.
func TestWatchIsOneReading(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.put(t, "a", lines(0, 10))
	l := h.start(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"})
	var seen []load.State
	err := h.loads.Watch(t.Context(), owner, workspaceID, l.ID, func(now load.Load) error {
		if seen = append(seen, now.State); len(seen) > 1 {
			return nil
		}
		_, err := h.loads.Cancel(t.Context(), owner, workspaceID, l.ID)
		return err
	})
	if diff := cmp.Diff([]load.State{load.Queued, load.Cancelled}, seen); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	enough := errors.New("enough")
	if err := h.loads.Watch(t.Context(), owner, workspaceID, l.ID,
		func(load.Load) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("what the watcher says is lost: %v", err)
	}
	entries, err := audit.New(audit.Config{Store: h.store, Checker: access.NewChecker(audit.NewRecorder(h.store),
		time.Now)}).
		List(t.Context(), owner, workspaceID, audit.Filter{Action: string(access.LoadRead), Reads: true},
			paging.Request{})
	if err != nil || len(entries.Items) != 2 {
		t.Errorf("%d readings are recorded, want 2: %v", len(entries.Items), err)
	}
	if err := h.loads.Watch(t.Context(), access.Actor{
		Kind: access.Secret, ID: "tok_2", Workspace: "ws_2",
		Member: "mem_1", Role: access.Owner, Scopes: append(access.AllScopes(),
			access.Scope{Action: access.ScopeAudit}),
	}, workspaceID, l.ID, nil); !problem.Is(err, problem.NotFound) {
		t.Errorf("a stranger is told %v", err)
	}
}

func TestAnswerThatMayComeIsWaitedFor(t *testing.T) {
	t.Parallel()
	silent := true
	h := build(t, doors{bucket: func(b object.Bucket) object.Bucket {
		return &hook{b, func(context.Context, string, object.ReadOptions) error {
			if silent {
				return &object.Failure{
					Operation: "GetObject", Status: 503, Code: "SlowDown",
					Message: "Reduce your request rate.",
				}
			}
			return nil
		}}
	}})
	h.put(t, "a", lines(0, 10))
	l := h.start(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"})
	ran := make(chan struct{})
	w := load.NewWorkers(h.loads, runner(func(ctx context.Context, task load.Task) (load.Load, error) {
		ended, err := h.loader.Run(ctx, task)
		close(ran)
		return ended, err
	}), "worker", 1, quiet())
	if err := w.Start(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	<-ran
	waiting := h.awaitState(t, l.ID, load.Queued)
	w.Stop()
	if waiting.Attempt != 1 || !strings.Contains(waiting.Fault, "SlowDown") {
		t.Errorf("%+v", waiting)
	}
	silent = false
	h.work(t, 1) // a new start does not wait for the backoff
	if ended := h.await(t, l.ID); ended.State != load.Loaded || ended.Progress.Rows != 10 || ended.Fault != "" {
		t.Errorf("%+v", ended)
	}
}

type runner func(context.Context, load.Task) (load.Load, error)

func (r runner) Run(ctx context.Context, task load.Task) (load.Load, error) { return r(ctx, task) }

// beforeCommit calls a function before the commit of each load.
func beforeCommit(fn func()) doors {
	return doors{rows: func(r load.Rows) load.Rows {
		return &crashingRows{r, func(at string) {
			if at == "before the commit" {
				fn()
			}
		}}
	}}
}

// A confirmed cancellation is final, even if the load is just committing.
func TestCancelBeforeTheCommitIsFinal(t *testing.T) {
	t.Parallel()
	var h *house
	var l load.Load
	committing := make(chan struct{})
	h = build(t, beforeCommit(func() {
		ended, err := h.loads.Cancel(t.Context(), owner, workspaceID, l.ID)
		if err != nil || ended.State != load.Cancelled {
			t.Errorf("cancelling: %+v, %v", ended, err)
		}
		close(committing)
	}))
	h.put(t, "a", lines(0, 10))
	l = h.start(t, load.Order{Source: h.source(t, "a", source.Format{}), Dataset: "d"})
	w := load.NewWorkers(h.loads, h.loader, "worker", 1, quiet())
	if err := w.Start(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	<-committing
	w.Stop() // waits for the end of the load
	h.expectNothing(t, l, load.Cancelled)
}

// A worker whose claim was lost can't commit, even if the node has claimed
// the load again.
func TestLostClaimCannotCommit(t *testing.T) {
	t.Parallel()
	var h *house
	committing := make(chan struct{})
	h = build(t, beforeCommit(func() {
		defer close(committing)
		if err := h.store.ReleaseLoads(t.Context(), time.Now(), 3); err != nil {
			t.Error(err)
		}
		again, err := h.store.ClaimLoad(t.Context(), load.Claim{
			Worker: "worker", Now: time.Now(), Until: time.Now().Add(time.Hour), Crashes: 3, PerWorkspace: 9,
		})
		if err != nil || again.Attempt != 2 {
			t.Errorf("claiming again: %+v, %v", again, err)
		}
	}))
	h.put(t, "a", lines(0, 10))
	l := h.start(t, load.Order{Source: h.source(t, "a", source.Format{}), Dataset: "d"})
	w := load.NewWorkers(h.loads, h.loader, "worker", 1, quiet())
	if err := w.Start(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	<-committing
	w.Stop()
	h.expectNothing(t, l, load.Planning)
}

// expectNothing checks that nothing of a load was stored.
func (h *house) expectNothing(t *testing.T, l load.Load, state load.State) {
	t.Helper()
	found, err := h.loads.Get(t.Context(), owner, workspaceID, l.ID)
	if err != nil || found.State != state {
		t.Errorf("%+v, %v", found, err)
	}
	if n := h.count(t, "d"); n != 0 {
		t.Errorf("%d rows of it are left", n)
	}
	if entries, err := h.rows.Ledger(t.Context(), found.SourceID, "", "", 9); err != nil || len(entries) != 0 {
		t.Errorf("%d entries of it are left, %v", len(entries), err)
	}
}
