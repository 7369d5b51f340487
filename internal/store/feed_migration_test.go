package store_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// before creates the loads and schedules of a release without feeds.
const before = `
INSERT INTO workspace (id, name, created_at) VALUES ('ws_1', 'acme', 1);
INSERT INTO source (id, workspace, name, integration, credential, bucket, pattern, exclude, format, version,
		created_at, updated_at)
	VALUES ('src_1', 'ws_1', 's', '', 'cred_1', 'b', '*', '[]', '{}', 1, 1, 1);
INSERT INTO dataset (id, workspace, name, folded, title, description, schema, created_at, updated_at, removed_at)
	VALUES ('ds_1', 'ws_1', 'New', 'new', '', '', '{}', 1, 1, 0),
	('ds_2', 'ws_1', 'gone', 'gone', '', '', '{}', 1, 1, 5);
INSERT INTO load (id, workspace, source, dataset, dataset_id, duplicates, max_rejected, dry_run, made_by, state,
		progress, problems, notes, fault, hint, cancelled, attempt, worker, claimed_until, created_at,
		started_at, ended_at)
	VALUES
	('load_1', 'ws_1', 'src_1', 'old', 'ds_1', LOADED),
	('load_2', 'ws_1', 'src_1', 'new', 'ds_1', LOADED),
	('load_3', 'ws_1', 'src_1', 'gone', 'ds_2', LOADED),
	('load_4', 'ws_1', 'src_1', 'Next', '', QUEUED),
	('load_5', 'ws_1', 'src_1', 'tried', '', TRIED),
	('load_6', 'ws_1', 'src_9', 'lost', 'ds_1', LOADED);
INSERT INTO schedule (id, workspace, name, source, dataset, folded, settings, paused, version,
		next_at, made_by, created_at, updated_at)
	VALUES ('sched_7', 'ws_1', 'a', 'src_1', 'NEW', 'new', '{}', 0, 1, 0, 'mem_1', 1, 1),
	('sched_8', 'ws_1', 'b', 'src_1', 'later', 'later', '{}', 0, 1, 0, 'mem_1', 1, 1);`

// TestFeedsOfEarlierReleases updates a database of the release before feeds.
func TestFeedsOfEarlierReleases(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		testFeedMigration(t, "sqlite", filepath.Join(t.TempDir(), "state.db"), goose.DialectSQLite3)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		testFeedMigration(t, "pgx", storetest.Address(t)(), goose.DialectPostgres)
	})
}

func testFeedMigration(t *testing.T, driver, dsn string, dialect goose.Dialect) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	rest := strings.NewReplacer(
		"LOADED", "'ignore', -1, 0, 'mem_1', 'loaded', '{}', '[]', '[]', '', '', 0, 1, '', 0, 1, 1, 2",
		"QUEUED", "'ignore', -1, 0, 'mem_1', 'queued', '{}', '[]', '[]', '', '', 0, 1, '', 0, 1, 1, 0",
		"TRIED", "'ignore', -1, 1, 'mem_1', 'queued', '{}', '[]', '[]', '', '', 0, 1, '', 0, 1, 1, 0",
	)
	openAt(t, driver, dsn, dialect, 309, rest.Replace(before))
	s, err := store.Open(ctx, store.Config{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing was written
	found, err := s.ListFeeds(ctx, "ws_1", feed.Filter{}, paging.Request{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found.Items {
		got = append(got, f.ID+" "+f.SourceID+" "+f.Dataset+" "+f.DatasetID)
		want := feed.Defaults()
		want.Partitions.Mode = shape.Off // they keep the columns that they have
		if diff := cmp.Diff(want, f.Settings); diff != "" {
			t.Errorf("settings of %s (-want +got):\n%s", f.ID, diff)
		}
	}
	want := []string{"feed_1 src_1 New ds_1", "feed_4 src_1 Next ", "feed_8 src_1 later "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("feeds (-want +got):\n%s", diff)
	}
	for id, want := range map[string]string{
		"load_1": "feed_1", "load_2": "feed_1", "load_3": "feed_3", "load_4": "feed_4", "load_5": "", "load_6": "",
	} {
		if l, err := s.Load(ctx, "ws_1", id); err != nil || l.FeedID != want {
			t.Errorf("%s has feed %q, want %q (%v)", id, l.FeedID, want, err)
		}
	}
	if p, err := s.Schedule(ctx, "ws_1", "a"); err != nil || p.FeedID != "feed_1" {
		t.Errorf("the schedule has feed %q (%v)", p.FeedID, err)
	}
	if err := s.RestoreDataset(ctx, "ws_1", "ds_2", found.Items[0].CreatedAt.Add(-1)); err != nil {
		t.Fatal(err)
	}
	if f, err := s.Feed(ctx, "ws_1", "feed_3"); err != nil || f.Dataset != "gone" {
		t.Errorf("the feed of the restored dataset: %+v %v", f, err)
	}
}
