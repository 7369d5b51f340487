package load_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

// A load that kills the process each time is parked at the third restart, and
// the loads behind it run.
func TestAttackPoisonLoadIsParkedAfterThreeKills(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	mkdir(t, filepath.Join(folder, "bucket"))
	h, err := open(t.Context(), folder, doors{})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.furnish(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.put(t, "poison.csv", lines(0, 10))
	h.put(t, "good.csv", lines(0, 10))
	poison := h.start(t, load.Order{Source: h.source(t, "poison.csv", source.Format{}), Dataset: "poison"})
	good := h.start(t, load.Order{Source: h.source(t, "good.csv", source.Format{}), Dataset: "good"})
	h.close()
	for range load.DefaultCrashes {
		crash(t, "before the commit", folder)
	}
	if h, err = open(t.Context(), folder, doors{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.close)
	h.work(t, 1)
	if ended := h.await(t, good.ID); ended.State != load.Loaded || ended.Crashes != 0 {
		t.Errorf("the load behind it: %+v", ended)
	}
	parked := h.await(t, poison.ID)
	if parked.State != load.Failed || parked.Crashes != load.DefaultCrashes || !strings.Contains(parked.Fault,
		"parked") || parked.Hint == "" {
		t.Errorf("%+v", parked)
	}
	if n := h.count(t, "poison"); n > 0 {
		t.Errorf("%d rows of it were loaded", n)
	}
}

// Stopping the service in the middle of a load is no crash, however often.
func TestStoppingIsNoCrash(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.put(t, "a.csv", lines(0, 10))
	l := h.start(t, load.Order{Source: h.source(t, "a.csv", source.Format{}), Dataset: "d"})
	for range load.DefaultCrashes + 1 {
		began := make(chan struct{})
		w := load.NewWorkers(h.loads, stuck(began), "stopping", 1, quiet())
		if err := w.Start(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		<-began
		w.Stop()
		left, err := h.loads.Get(t.Context(), owner, workspaceID, l.ID)
		if err != nil || left.State != load.Queued || left.Crashes != 0 {
			t.Fatalf("%+v, %v", left, err)
		}
	}
	h.work(t, 1)
	if ended := h.await(t, l.ID); ended.State != load.Loaded {
		t.Errorf("%+v", ended)
	}
}

func TestAttackQueueFloodIsRefused(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.loads = h.limited(load.Limits{Queued: 3})
	src := h.source(t, "*", source.Format{})
	order := load.Order{Source: src, Dataset: "d"}
	first := h.start(t, order)
	if again := h.start(t, order); again.ID != first.ID {
		t.Errorf("an equal load doesn't join the one that waits: %s", again.ID)
	}
	h.start(t, load.Order{Source: src, Dataset: "e"})
	h.start(t, load.Order{Source: src, Dataset: "f"})
	if again := h.start(t, order); again.ID != first.ID {
		t.Errorf("an equal load doesn't join the one that waits in a full queue: %s", again.ID)
	}
	order.Dataset = "g"
	_, err := h.loads.Start(t.Context(), owner, workspaceID, order)
	if !problem.Is(err, problem.Unavailable) || problem.From(err).Hint == "" || !strings.Contains(err.Error(),
		"3 loads in its queue") {
		t.Errorf("got %v", err)
	}
	if _, err := h.store.FeedOfPair(t.Context(), workspaceID, src, "g"); !problem.Is(err, problem.NotFound) {
		t.Errorf("the refused load left a feed: %v", err)
	}
	if _, err := h.loads.Cancel(t.Context(), owner, workspaceID, first.ID); err != nil {
		t.Fatal(err)
	}
	h.start(t, order)
}

// stuck is a runner that works until it is stopped.
func stuck(began chan<- struct{}) runner {
	return func(ctx context.Context, task load.Task) (load.Load, error) {
		close(began)
		<-ctx.Done()
		return task.Load, ctx.Err()
	}
}

// limited is the queue of the house with other limits.
func (h *house) limited(limits load.Limits) *load.Service {
	checker := access.NewChecker(audit.NewRecorder(h.store), time.Now)
	return load.New(load.Config{
		Checker: checker, Store: h.store, Sources: h.sources, Rejects: h.rows, Now: time.Now,
		Limits: limits,
	})
}
