package pipeline_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/pipeline"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/schedule"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// anyBucket is an access key that declares every bucket.
type anyBucket struct{}

func (anyBucket) Access(context.Context, access.Actor, string, string, string) (object.Access, error) {
	return object.Access{}, problem.New(problem.Unavailable, "There is no bucket.")
}

func (anyBucket) Declared(_ context.Context, _ access.Actor, _, id string) (string, []object.Location, error) {
	return id, nil, nil
}

func open(t *testing.T) (*pipeline.Service, *store.Store, string) {
	t.Helper()
	s := storetest.Open(t)
	workspace := storetest.Workspace(t, s, "demo")
	checker := access.NewChecker(audit.NewRecorder(s), time.Now)
	sources := source.New(source.Config{Checker: checker, Store: s, Credentials: anyBucket{}, Now: time.Now})
	loads := load.New(load.Config{Checker: checker, Store: s, Sources: sources, Now: time.Now})
	return pipeline.New(pipeline.Config{
		Sources: sources, Loads: loads, Store: s,
		Feeds: feed.NewService(feed.Config{Checker: checker, Store: s, Sources: sources, Now: time.Now}),
		Schedules: schedule.New(schedule.Config{
			Checker: checker, Store: s, Sources: sources, Loads: loads, Logger: slog.New(slog.DiscardHandler),
			Now: time.Now,
		}),
	}), s, workspace
}

func owner(workspace string) access.Actor {
	return access.Actor{
		Kind: access.Secret, ID: "tok_1", Workspace: workspace, Member: "mem_1", Role: access.Owner,
		Scopes: access.AllScopes(),
	}
}

func draft() pipeline.Draft {
	return pipeline.Draft{
		Source:  source.Draft{Name: "prices", CredentialID: "cred_1", Bucket: "data", Pattern: "*.csv"},
		Dataset: "prices", Schedule: &schedule.Draft{Settings: schedule.Settings{Cron: "@daily"}}, Load: true,
	}
}

// TestCreate creates a source with its feed, schedule and load.
func TestCreate(t *testing.T) {
	t.Parallel()
	s, kept, workspace := open(t)
	d := draft()
	order := feed.NewestFirst
	d.Feed.Order = &order
	made, err := s.Create(t.Context(), owner(workspace), workspace, d)
	if err != nil {
		t.Fatal(err)
	}
	of, err := kept.FeedOfPair(t.Context(), workspace, made.Source.ID, "prices")
	if err != nil || of.ID != made.Feed.ID || of.Order != feed.NewestFirst {
		t.Errorf("the feed %+v, %v", of, err)
	}
	timed, err := kept.Schedule(t.Context(), workspace, made.Schedule.ID)
	if err != nil || timed.FeedID != of.ID || timed.SourceID != made.Source.ID || timed.Dataset != "prices" {
		t.Errorf("the schedule %+v, %v", timed, err)
	}
	started, err := kept.Load(t.Context(), workspace, made.Load.ID)
	if err != nil || started.FeedID != of.ID || started.State != load.Queued {
		t.Errorf("the load %+v, %v", started, err)
	}
}

// TestCreateNothing refuses one part, and stores none.
func TestCreateNothing(t *testing.T) {
	t.Parallel()
	bad := feed.Order("random")
	for name, c := range map[string]struct {
		change func(*pipeline.Draft)
		path   string
	}{
		"no dataset":        {func(d *pipeline.Draft) { d.Dataset = "" }, "dataset"},
		"a name of none":    {func(d *pipeline.Draft) { d.Dataset = "no name" }, "dataset"},
		"a pattern of none": {func(d *pipeline.Draft) { d.Source.Bucket = "" }, "bucket"},
		"an unknown order":  {func(d *pipeline.Draft) { d.Feed.Order = &bad }, "feed.order"},
		"no cron":           {func(d *pipeline.Draft) { d.Schedule.Cron = "99 * * * *" }, "schedule.cron"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, kept, workspace := open(t)
			d := draft()
			c.change(&d)
			_, err := s.Create(t.Context(), owner(workspace), workspace, d)
			if found := problem.From(err); found.Code != problem.Invalid || len(found.Findings) == 0 ||
				found.Findings[0].Path != c.path {
				t.Errorf("got %v with %+v, want a finding at %s", err, found.Findings, c.path)
			}
			checkNothing(t, kept, workspace)
		})
	}
}

// TestCreateNeedsEveryPermission refuses actors that may do one part only.
func TestCreateNeedsEveryPermission(t *testing.T) {
	t.Parallel()
	s, kept, workspace := open(t)
	viewer := owner(workspace)
	viewer.Role = access.Viewer
	other := owner("ws_other")
	for name, actor := range map[string]access.Actor{"a viewer": viewer, "another workspace": other} {
		if _, err := s.Create(t.Context(), actor, workspace, draft()); err == nil {
			t.Errorf("%s created a source", name)
		}
	}
	checkNothing(t, kept, workspace)
}

func checkNothing(t *testing.T, kept *store.Store, workspace string) {
	t.Helper()
	sources, err := kept.ListSources(t.Context(), workspace, paging.Request{})
	if err != nil || len(sources.Items) > 0 {
		t.Errorf("sources %+v, %v", sources.Items, err)
	}
	feeds, err := kept.ListFeeds(t.Context(), workspace, feed.Filter{}, paging.Request{})
	if err != nil || len(feeds.Items) > 0 {
		t.Errorf("feeds %+v, %v", feeds.Items, err)
	}
}
