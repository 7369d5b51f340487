package feed_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/schedule"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// way is an access to any bucket.
type way struct{}

func (way) Access(_ context.Context, _ access.Actor, _, _, bucket string) (object.Access, error) {
	return object.Access{Bucket: bucket}, nil
}

func (way) Declared(_ context.Context, _ access.Actor, _, id string) (string, []object.Location, error) {
	return id, nil, nil
}

// house has feeds, and the source "prices".
type house struct {
	*feed.Service
	store     *store.Store
	sources   *source.Service
	loads     *load.Service
	schedules *schedule.Service
	workspace string
	editor    access.Actor
}

func each(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := &house{store: s, workspace: storetest.Workspace(t, s, "acme")}
		h.editor = access.Actor{
			Kind: access.Member, ID: "mem_1", Name: "editor@example.com", Workspace: h.workspace, Member: "mem_1",
			Role: access.Editor,
		}
		checker := access.NewChecker(audit.NewRecorder(s), time.Now)
		h.sources = source.New(source.Config{
			Checker: checker, Store: s, Integrations: way{}, Credentials: way{}, Now: time.Now,
		})
		h.Service = feed.NewService(feed.Config{Checker: checker, Store: s, Sources: h.sources, Now: time.Now})
		h.loads = load.New(load.Config{Checker: checker, Store: s, Sources: h.sources, Now: time.Now})
		h.schedules = schedule.New(schedule.Config{
			Checker: checker, Store: s, Sources: h.sources, Loads: h.loads, Now: time.Now,
		})
		_, err := h.sources.Create(t.Context(), h.editor, h.workspace, source.Draft{
			Name: "prices", CredentialID: "cred_1", Bucket: "acme-data", Pattern: "*.csv",
		})
		if err != nil {
			t.Fatal(err)
		}
		test(t, h)
	})
}

// all returns the feeds.
func (h *house) all(t *testing.T) []feed.Feed {
	t.Helper()
	found, err := h.List(t.Context(), h.editor, h.workspace, feed.Filter{}, paging.Request{})
	if err != nil {
		t.Fatal(err)
	}
	return found.Items
}

func (h *house) dataset(t *testing.T, name string) dataset.Dataset {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Microsecond)
	made := dataset.Dataset{ID: "ds_" + name, Workspace: h.workspace, Name: name, CreatedAt: now, UpdatedAt: now}
	if err := h.store.InsertDataset(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	return made
}

func (h *house) start(t *testing.T, order load.Order) load.Load {
	t.Helper()
	made, err := h.loads.Start(t.Context(), h.editor, h.workspace, order)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestLoadsAndSchedulesMakeOneFeed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		if _, err := h.loads.Start(t.Context(), h.editor, h.workspace, load.Order{
			Source: "prices", Dataset: "d", Duplicates: "keep",
		}); !problem.Is(err, problem.Invalid) {
			t.Errorf("an invalid load: %v", err)
		}
		h.start(t, load.Order{Source: "prices", Dataset: "d", DryRun: true})
		if got := h.all(t); len(got) != 0 {
			t.Fatalf("an invalid load and a dry run made %+v", got)
		}
		first := h.start(t, load.Order{Source: "prices", Dataset: "d"})
		made, err := h.schedules.Create(t.Context(), h.editor, h.workspace,
			schedule.Draft{Name: "s", Source: "prices", Dataset: "D"})
		if err != nil {
			t.Fatal(err)
		}
		all := h.all(t)
		if len(all) != 1 || first.FeedID != all[0].ID || made.FeedID != all[0].ID || all[0].Dataset != "d" {
			t.Fatalf("feeds %+v of load %+v and schedule %+v", all, first, made)
		}
		if diff := cmp.Diff(feed.Defaults(), all[0].Settings); diff != "" {
			t.Errorf("settings (-want +got):\n%s", diff)
		}
		shown, err := h.schedules.Get(t.Context(), h.editor, h.workspace, "s")
		if err != nil || shown.FeedID != all[0].ID {
			t.Errorf("the schedule: %+v %v", shown, err)
		}
		byFeed, err := h.schedules.Create(t.Context(), h.editor, h.workspace,
			schedule.Draft{Name: "t", Feed: all[0].ID})
		if err != nil || byFeed.SourceID != all[0].SourceID || byFeed.Dataset != "d" {
			t.Errorf("a schedule of the feed: %+v %v", byFeed, err)
		}
		if second := h.start(t, load.Order{Feed: all[0].ID}); second.FeedID != first.FeedID || second.Dataset != "d" {
			t.Errorf("a load of the feed: %+v", second)
		}
		for _, order := range []load.Order{
			{Feed: all[0].ID, Source: "prices"}, {Feed: all[0].ID, Dataset: "d"}, {Source: "prices"},
		} {
			if _, err := h.loads.Start(t.Context(), h.editor, h.workspace, order); !problem.Is(err, problem.Invalid) {
				t.Errorf("%+v: %v", order, err)
			}
		}
	})
}

func TestSettingsApplyToLoads(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		replace, none, five := engine.Replace, int64(0), 5
		made, err := h.Create(t.Context(), h.editor, h.workspace, feed.Draft{
			Source: "prices", Dataset: "d", Change: feed.Change{Duplicates: &replace},
		})
		if err != nil {
			t.Fatal(err)
		}
		second := feed.Draft{Source: "prices", Dataset: "D"}
		if _, err := h.Create(t.Context(), h.editor, h.workspace, second); !problem.Is(err, problem.Conflict) {
			t.Errorf("a second feed: %v", err)
		}
		changed, err := h.Update(t.Context(), h.editor, h.workspace, made.ID, made.Version,
			feed.Change{MaxRejected: &none, MaxRejectedPercent: &five})
		if err != nil || changed.Version != 2 {
			t.Fatalf("%+v %v", changed, err)
		}
		if _, err := h.Update(t.Context(), h.editor, h.workspace, made.ID, made.Version,
			feed.Change{}); !problem.Is(err, problem.Conflict) {
			t.Errorf("a change of an old version: %v", err)
		}
		bad := -2
		if _, err := h.Update(t.Context(), h.editor, h.workspace, made.ID, 0,
			feed.Change{MaxRejectedPercent: &bad}); !problem.Is(err, problem.Invalid) {
			t.Errorf("an invalid change: %v", err)
		}
		l := h.start(t, load.Order{Source: "prices", Dataset: "d"})
		if l.Duplicates != engine.Replace || l.MaxRejected != 0 || l.MaxRejectedPercent != 5 {
			t.Errorf("a load has %+v", l)
		}
		ten := 10
		l = h.start(t, load.Order{Feed: made.ID, Duplicates: engine.Ignore, MaxRejectedPercent: &ten})
		if l.Duplicates != engine.Ignore || l.MaxRejected != 0 || l.MaxRejectedPercent != 10 {
			t.Errorf("a load that overrides has %+v", l)
		}
		viewer := h.editor
		viewer.Role = access.Viewer
		if _, err := h.Get(t.Context(), viewer, h.workspace, made.ID); err != nil {
			t.Errorf("a viewer reads: %v", err)
		}
		if _, err := h.Update(t.Context(), viewer, h.workspace, made.ID, 0, feed.Change{}); !problem.Is(err,
			problem.Forbidden) {
			t.Errorf("a viewer changes: %v", err)
		}
	})
}

func TestRemovalEndsSchedulesAndLoads(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		l := h.start(t, load.Order{Source: "prices", Dataset: "d"})
		other := h.start(t, load.Order{Source: "prices", Dataset: "other"})
		if _, err := h.schedules.Create(t.Context(), h.editor, h.workspace,
			schedule.Draft{Name: "s", Feed: l.FeedID}); err != nil {
			t.Fatal(err)
		}
		measured, err := h.Impact(t.Context(), h.editor, h.workspace, l.FeedID)
		want := impact.Impact{Confirm: "d", Stops: []impact.Stop{
			{Kind: "schedule", ID: measured.Stops[0].ID, Name: "s"}, {Kind: "load", ID: l.ID, Name: "d"},
		}}
		if diff := cmp.Diff(want, measured); err != nil || diff != "" {
			t.Errorf("impact (-want +got):\n%s%v", diff, err)
		}
		if err := h.Remove(t.Context(), h.editor, h.workspace, l.FeedID, impact.Confirmed("")); !problem.Is(err,
			problem.Conflict) {
			t.Errorf("without a confirmation: %v", err)
		}
		if err := h.Remove(t.Context(), h.editor, h.workspace, l.FeedID, impact.Confirmed("d")); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Get(t.Context(), h.editor, h.workspace, l.FeedID); !problem.Is(err, problem.NotFound) {
			t.Errorf("it is still there: %v", err)
		}
		if _, err := h.schedules.Get(t.Context(), h.editor, h.workspace, "s"); !problem.Is(err, problem.NotFound) {
			t.Errorf("the schedule is still there: %v", err)
		}
		for id, want := range map[string]load.State{l.ID: load.Cancelled, other.ID: load.Queued} {
			if got, err := h.loads.Get(t.Context(), h.editor, h.workspace, id); err != nil || got.State != want {
				t.Errorf("load %s is %s, want %s (%v)", id, got.State, want, err)
			}
		}
		err = h.sources.Remove(t.Context(), h.editor, h.workspace, "prices", impact.Confirmed("prices"))
		if err != nil {
			t.Fatal(err)
		}
		if got := h.all(t); len(got) != 0 {
			t.Errorf("without the source there are %+v", got)
		}
	})
}

// A feed follows its dataset: it has its name, and is removed and restored with it.
func TestFeedsFollowTheirDataset(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		l := h.start(t, load.Order{Source: "prices", Dataset: "D"})
		waiting := h.start(t, load.Order{Source: "prices", Dataset: "e"})
		made := h.dataset(t, "d")
		got, err := h.Get(t.Context(), h.editor, h.workspace, l.FeedID)
		if err != nil || got.Dataset != "d" || got.DatasetID != made.ID {
			t.Errorf("after its creation: %+v %v", got, err)
		}
		before := made.UpdatedAt
		made.Name, made.UpdatedAt = "e", before.Add(time.Second)
		if err := h.store.SaveDataset(t.Context(), made, before); err != nil {
			t.Fatal(err)
		}
		all := h.all(t)
		if len(all) != 1 || all[0].ID != l.FeedID || all[0].Dataset != "e" {
			t.Errorf("after its renaming: %+v", all)
		}
		if moved, err := h.loads.Get(t.Context(), h.editor, h.workspace, waiting.ID); err != nil ||
			moved.FeedID != l.FeedID {
			t.Errorf("the load that waited: %+v %v", moved, err)
		}
		if err := h.store.RemoveDataset(t.Context(), h.workspace, made.ID, time.Now()); err != nil {
			t.Fatal(err)
		}
		if all := h.all(t); len(all) != 0 {
			t.Errorf("after its removal: %+v", all)
		}
		h.start(t, load.Order{Source: "prices", Dataset: "e"})
		if all := h.all(t); len(all) != 1 || all[0].ID == l.FeedID || all[0].DatasetID != "" {
			t.Errorf("a new one: %+v", all)
		}
		if err := h.store.RestoreDataset(t.Context(), h.workspace, made.ID, time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		if all := h.all(t); len(all) != 1 || all[0].ID != l.FeedID {
			t.Errorf("after it was restored: %+v", all)
		}
		if err := h.store.RemoveDataset(t.Context(), h.workspace, made.ID, time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := h.store.DeleteDataset(t.Context(), h.workspace, made.ID, time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := h.store.InsertDataset(t.Context(), made); err != nil {
			t.Fatal(err)
		}
		if all := h.all(t); len(all) != 0 {
			t.Errorf("after it was deleted: %+v", all)
		}
	})
}
