package schedule_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/schedule"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// editorOf returns an editor of a workspace.
func editorOf(workspace string) access.Actor {
	return access.Actor{
		Kind: access.Member, ID: "mem_1", Name: "editor@example.com", Workspace: workspace, Member: "mem_1",
		Role: access.Editor,
	}
}

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(text string) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at
}

// way is an access to any bucket.
type way struct{}

func (way) Access(_ context.Context, _ access.Actor, _, _, bucket string) (object.Access, error) {
	return object.Access{Bucket: bucket}, nil
}

func (way) Declared(_ context.Context, _ access.Actor, _, id string) (string, []object.Location, error) {
	return id, nil, nil
}

// house has schedules, and the source "prices".
type house struct {
	*schedule.Service
	clock     clock
	store     *store.Store
	loads     *load.Service
	workspace string
	editor    access.Actor
}

func build(t testing.TB, s *store.Store) *house {
	t.Helper()
	h := &house{store: s, workspace: storetest.Workspace(t, s, "acme")}
	h.editor = editorOf(h.workspace)
	h.clock.set("2026-01-31T12:00:30Z")
	h.Service, h.loads = services(s, h.clock.Now, load.Limits{})
	sources := source.New(source.Config{
		Checker: access.NewChecker(audit.NewRecorder(s), h.clock.Now), Store: s, Integrations: way{},
		Credentials: way{},
		Now:         h.clock.Now,
	})
	_, err := sources.Create(t.Context(), h.editor, h.workspace, source.Draft{
		Name: "prices", CredentialID: "cred_1", Bucket: "acme-data", Pattern: "*.csv",
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// services returns the schedules and loads of one node.
func services(s *store.Store, now func() time.Time, limits load.Limits) (*schedule.Service, *load.Service) {
	checker := access.NewChecker(audit.NewRecorder(s), now)
	sources := source.New(source.Config{Checker: checker, Store: s, Integrations: way{}, Credentials: way{}, Now: now})
	loads := load.New(load.Config{Checker: checker, Store: s, Sources: sources, Now: now, Limits: limits})
	return schedule.New(schedule.Config{
		Checker: checker, Store: s, Sources: sources, Loads: loads, Logger: slog.New(slog.DiscardHandler), Now: now,
	}), loads
}

// limit limits how many loads wait.
func (h *house) limit(queued int) {
	h.Service, h.loads = services(h.store, h.clock.Now, load.Limits{Queued: queued})
}

// create creates a schedule of the source "prices" into the dataset "prices".
func (h *house) create(t testing.TB, settings schedule.Settings) schedule.Schedule {
	t.Helper()
	made, err := h.Create(t.Context(), h.editor, h.workspace, schedule.Draft{
		Name: "s", Source: "prices", Dataset: "prices", Settings: settings,
	})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// at moves the clock and ticks.
func (h *house) at(t testing.TB, text string) {
	t.Helper()
	h.clock.set(text)
	if err := h.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// history returns a schedule's runs, oldest first, as "time state".
func (h *house) history(t testing.TB) []string {
	t.Helper()
	found, err := h.Runs(t.Context(), h.editor, h.workspace, "s", paging.Request{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	lines := make([]string, len(found.Items))
	for i, run := range found.Items {
		if wants := run.State == schedule.Started || run.State == schedule.Merged ||
			run.State == schedule.Manual; wants !=
			(run.LoadID != "") {
			t.Errorf("%s run at %v has the load %q", run.State, run.FireAt, run.LoadID)
		}
		lines[i] = run.FireAt.Format("02 15:04") + " " + string(run.State)
	}
	slices.Reverse(lines)
	return lines
}

// queued returns the loads that haven't ended, oldest first.
func (h *house) queued(t testing.TB) []load.Load {
	t.Helper()
	found, err := h.loads.List(t.Context(), h.editor, h.workspace, paging.Request{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	open := slices.DeleteFunc(found.Items, func(l load.Load) bool { return l.State.Ended() })
	slices.Reverse(open)
	return open
}

// end cancels the loads that haven't ended.
func (h *house) end(t testing.TB) {
	t.Helper()
	for _, l := range h.queued(t) {
		if _, err := h.loads.Cancel(t.Context(), h.editor, h.workspace, l.ID); err != nil {
			t.Fatal(err)
		}
	}
}
