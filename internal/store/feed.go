package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

const feedColumns = `id, workspace, source, dataset, folded, dataset_id, settings, version, made_by, created_at,
	updated_at, partitioned`

// InsertFeed stores a new feed. It returns the feed with the dataset that has its
// name, if there is one.
func (s *Store) InsertFeed(ctx context.Context, made feed.Feed) (kept feed.Feed, err error) {
	err = s.update(ctx, func(tx *sql.Tx) error {
		kept, err = insertFeed(ctx, tx, made)
		return err
	})
	return kept, err
}

// EnsureFeed returns the feed of a source and a dataset. If there is none, it stores
// made.
func (s *Store) EnsureFeed(ctx context.Context, made feed.Feed) (found feed.Feed, err error) {
	found, err = feedOfPair(ctx, s.reader, made.Workspace, made.SourceID, made.Dataset)
	if !errors.Is(err, sql.ErrNoRows) {
		return found, explain(err, "feed of dataset %q", made.Dataset)
	}
	err = s.update(ctx, func(tx *sql.Tx) error {
		found, err = feedOfPair(ctx, tx, made.Workspace, made.SourceID, made.Dataset)
		if errors.Is(err, sql.ErrNoRows) {
			found, err = insertFeed(ctx, tx, made)
		}
		return explain(err, "feed of dataset %q", made.Dataset)
	})
	return found, err
}

func insertFeed(ctx context.Context, tx *sql.Tx, made feed.Feed) (feed.Feed, error) {
	err := tx.QueryRowContext(ctx, `SELECT id, name FROM dataset WHERE workspace = $1 AND folded = $2
		AND removed_at = 0 AND view = ''`, made.Workspace, strings.ToLower(made.Dataset)).Scan(&made.DatasetID, &made.Dataset)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return feed.Feed{}, explain(err, "dataset %q", made.Dataset)
	}
	settings, err := text(made.Settings)
	if err != nil {
		return feed.Feed{}, err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO feed ("+feedColumns+
		", removed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', 0)",
		made.ID, made.Workspace, made.SourceID, made.Dataset, strings.ToLower(made.Dataset), made.DatasetID, settings,
		made.Version, made.MadeBy, micros(made.CreatedAt), micros(made.UpdatedAt))
	return made, explain(err, "feed of this source and dataset %q", made.Dataset)
}

func feedOfPair(ctx context.Context, q querier, workspace, sourceID, datasetName string) (feed.Feed, error) {
	return scanFeed(q.QueryRowContext(ctx, "SELECT "+feedColumns+
		" FROM feed WHERE workspace = $1 AND source = $2 AND folded = $3 AND removed = 0",
		workspace, sourceID, strings.ToLower(datasetName)))
}

// FeedOfPair returns the feed of a source and a dataset.
func (s *Store) FeedOfPair(ctx context.Context, workspace, sourceID, datasetName string) (feed.Feed, error) {
	found, err := feedOfPair(ctx, s.reader, workspace, sourceID, datasetName)
	return found, explain(err, "feed of dataset %q", datasetName)
}

// Feed returns one feed of a workspace.
func (s *Store) Feed(ctx context.Context, workspace, id string) (feed.Feed, error) {
	found, err := scanFeed(s.reader.QueryRowContext(ctx, "SELECT "+feedColumns+
		" FROM feed WHERE workspace = $1 AND id = $2 AND removed = 0", workspace, id))
	return found, explain(err, "feed %q", id)
}

// ListFeeds returns a page of a workspace's feeds, oldest first.
func (s *Store) ListFeeds(ctx context.Context, workspace string, filter feed.Filter, request paging.Request) (
	paging.List[feed.Feed], error,
) {
	after, limit, err := request.Start("feed")
	if err != nil {
		return paging.List[feed.Feed]{}, err
	}
	rows, err := s.reader.QueryContext(ctx, "SELECT "+feedColumns+` FROM feed WHERE workspace = $1 AND removed = 0
		AND id > $2 AND ($3 = '' OR source = $3) AND ($4 = '' OR folded = $4) ORDER BY id LIMIT $5`, workspace, after,
		filter.SourceID, strings.ToLower(filter.Dataset), limit+1)
	found, err := collect(rows, err, scanFeed)
	return paging.Cut("feed", found, limit, func(f feed.Feed) string { return f.ID }), explain(err, "feeds")
}

// SaveFeed replaces the settings of the feed whose version is one less.
func (s *Store) SaveFeed(ctx context.Context, changed feed.Feed) error {
	settings, err := text(changed.Settings)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE feed SET settings = $3, version = $4, updated_at = $5,
			partitioned = CASE WHEN $6 = 1 THEN '' ELSE partitioned END
			WHERE id = $1 AND workspace = $2 AND version = $4 - 1 AND removed = 0`, changed.ID, changed.Workspace,
			settings, changed.Version, micros(changed.UpdatedAt), flag(changed.Partitioned == nil))
		if err != nil {
			return explain(err, "feed %q", changed.ID)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(problem.New(problem.Conflict, "The feed %s was changed by somebody else.", changed.ID).
				WithHint("Read it again, then repeat the change."), err)
		}
		return nil
	})
}

// KeepPartitioned keeps in tx which partitions become columns.
func (s *Store) KeepPartitioned(ctx context.Context, tx engine.Tx, feedID string, decided *shape.Decision) error {
	content, err := text(decided)
	if err != nil {
		return err
	}
	keep := func(q *sql.Tx) error {
		_, err := q.ExecContext(ctx, "UPDATE feed SET partitioned = $2 WHERE id = $1", feedID, content)
		return explain(err, "feed %q", feedID)
	}
	if within, ok := tx.(stateTx); ok {
		return keep(within.Tx)
	}
	return s.committing(ctx, keep)
}

// DeleteFeed removes a feed with its schedules and its ledger, and cancels its loads
// that haven't ended.
func (s *Store) DeleteFeed(ctx context.Context, removed feed.Feed, now time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		const schedules = "workspace = $1 AND source = $2 AND folded = $3"
		folded := strings.ToLower(removed.Dataset)
		for _, query := range []string{
			"DELETE FROM schedule_run WHERE schedule IN (SELECT id FROM schedule WHERE " + schedules + ")",
			"DELETE FROM schedule WHERE " + schedules,
		} {
			if _, err := tx.ExecContext(ctx, query, removed.Workspace, removed.SourceID, folded); err != nil {
				return explain(err, "schedules of feed %q", removed.ID)
			}
		}
		return deleteFeeds(ctx, tx, removed.Workspace, "id", removed.ID, now)
	})
}

// deleteFeeds removes the feeds of a workspace that have a value in a column. Their
// loads end first: a running commit then finds that it may not.
func deleteFeeds(ctx context.Context, tx *sql.Tx, workspace, column, value string, now time.Time) error {
	feeds := "FROM feed f WHERE f.workspace = $1 AND f." + column + " = $2"
	//nolint:gosec // G202: column is a constant of this package
	cancel := `UPDATE load SET state = 'cancelled', cancelled = 1, ended_at = $3
		WHERE ended_at = 0 AND feed IN (SELECT f.id ` + feeds + ") RETURNING workspace, id"
	rows, err := tx.QueryContext(ctx, cancel, workspace, value, micros(now))
	cancelled, err := collect(rows, err, scanPair)
	if err != nil {
		return explain(err, "loads of the feed")
	}
	if err := announceLoads(ctx, tx, cancelled); err != nil {
		return err
	}
	for _, query := range []string{
		"DELETE FROM rows_ledger AS l WHERE EXISTS (SELECT 1 " + feeds +
			" AND f.dataset_id = l.dataset AND f.source = l.source)",
		"DELETE FROM rows_retired AS l WHERE EXISTS (SELECT 1 " + feeds +
			" AND f.dataset_id = l.dataset AND f.source = l.source)",
		"DELETE FROM feed AS f WHERE f.workspace = $1 AND f." + column + " = $2",
	} {
		if _, err := tx.ExecContext(ctx, query, workspace, value); err != nil {
			return explain(err, "feed")
		}
	}
	return nil
}

// FeedDependents returns a feed's schedules, and its loads that haven't ended.
func (s *Store) FeedDependents(ctx context.Context, of feed.Feed) ([]impact.Stop, error) {
	schedules, err := s.stops(ctx, "schedule", `SELECT id, name FROM schedule WHERE workspace = $1 AND source = $2
		AND folded = $3 ORDER BY id`, of.Workspace, of.SourceID, strings.ToLower(of.Dataset))
	if err != nil {
		return nil, err
	}
	loads, err := s.stops(ctx, "load",
		"SELECT id, dataset FROM load WHERE workspace = $1 AND feed = $2 AND ended_at = 0 ORDER BY id", of.Workspace,
		of.ID)
	return slices.Concat(schedules, loads), err
}

func scanFeed(row scanner) (feed.Feed, error) {
	found := feed.Feed{Settings: feed.Defaults()}
	var folded, settings, partitioned string
	var created, updated int64
	err := row.Scan(&found.ID, &found.Workspace, &found.SourceID, &found.Dataset, &folded, &found.DatasetID, &settings,
		&found.Version, &found.MadeBy, &created, &updated, &partitioned)
	if err == nil && partitioned != "" {
		err = parse(partitioned, &found.Partitioned)
	}
	if err != nil {
		return feed.Feed{}, err
	}
	found.CreatedAt, found.UpdatedAt = moment(created), moment(updated)
	return found, parse(settings, &found.Settings)
}
