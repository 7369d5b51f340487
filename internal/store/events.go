package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/arrival"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/schedule"
)

const eventsColumns = `source, workspace, integration, queue, settings, paused, version, set_at, made_by, updated_at, seen,
	list_at, approval`

// eventSettings has the parts of a setting that share one column.
type eventSettings struct {
	Route      arrival.Route `json:"route"`
	KMSKeyARN  string        `json:"kms_key_arn,omitempty"`
	SenderARN  string        `json:"sender_arn,omitempty"`
	Window     time.Duration `json:"window"`
	MaxObjects int           `json:"max_objects"`
	ListEvery  time.Duration `json:"list_every"`
}

// SaveEvents sets or changes the queue of a source. If the queue changes, it
// resets the record of what was seen.
func (s *Store) SaveEvents(ctx context.Context, changed arrival.Setting) error {
	settings, err := text(eventSettings{
		changed.Route, changed.KMSKeyARN, changed.SenderARN, changed.Window, changed.MaxObjects, changed.ListEvery,
	})
	if err != nil {
		return err
	}
	seen, err := text(changed.Seen)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		values := []any{
			changed.SourceID, changed.Workspace, changed.IntegrationID, changed.Queue, settings, flag(changed.Paused),
			changed.Version, micros(changed.SetAt), changed.MadeBy, micros(changed.UpdatedAt), seen,
			micros(changed.NextListAt), changed.Approval,
		}
		if changed.Version == 1 {
			_, err := tx.ExecContext(ctx, "INSERT INTO source_events ("+eventsColumns+
				", start_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0)", values...)
			return explain(err, "bucket events of source %s", changed.SourceID)
		}
		result, err := tx.ExecContext(ctx, `UPDATE source_events SET integration = $3,
			seen = CASE WHEN queue = $4 THEN seen ELSE $11 END, queue = $4, settings = $5, paused = $6, version = $7,
			set_at = $8, made_by = $9, updated_at = $10, list_at = $12, approval = $13
			WHERE source = $1 AND workspace = $2 AND version = $7 - 1`, values...)
		if err != nil {
			return explain(err, "bucket events of source %s", changed.SourceID)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(problem.New(problem.Conflict, "The bucket events were changed by somebody else.").
				WithHint("Read them again, then repeat the change."), err)
		}
		return nil
	})
}

// Events returns the setting of a source.
func (s *Store) Events(ctx context.Context, workspace, sourceID string) (arrival.Setting, error) {
	found, err := scanEvents(s.reader.QueryRowContext(ctx, "SELECT "+eventsColumns+
		" FROM source_events WHERE workspace = $1 AND source = $2", workspace, sourceID))
	return found, explain(err, "bucket events of source %s", sourceID)
}

// AllEvents returns all settings.
func (s *Store) AllEvents(ctx context.Context) ([]arrival.Setting, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT "+eventsColumns+" FROM source_events ORDER BY source")
	found, err := collect(rows, err, scanEvents)
	return found, explain(err, "bucket events")
}

// QueuesOf returns the queues that an integration's role reads.
func (s *Store) QueuesOf(ctx context.Context, workspace, integrationID string) ([]generate.Queue, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT "+eventsColumns+
		" FROM source_events WHERE workspace = $1 AND integration = $2 ORDER BY source", workspace, integrationID)
	found, err := collect(rows, err, scanEvents)
	var queues []generate.Queue
	for i := range found {
		queues = append(queues, generate.Queue{ARN: found[i].Queue, KMSKeyARN: found[i].KMSKeyARN})
	}
	return queues, explain(err, "bucket events of integration %s", integrationID)
}

func scanEvents(row scanner) (arrival.Setting, error) {
	var found arrival.Setting
	var settings, seen string
	var set, updated, list int64
	err := row.Scan(&found.SourceID, &found.Workspace, &found.IntegrationID, &found.Queue, &settings, &found.Paused,
		&found.Version, &set, &found.MadeBy, &updated, &seen, &list, &found.Approval)
	if err != nil {
		return arrival.Setting{}, err
	}
	found.SetAt, found.UpdatedAt, found.NextListAt = moment(set), moment(updated), moment(list)
	var kept eventSettings
	err = errors.Join(parse(settings, &kept), parse(seen, &found.Seen))
	found.Route, found.KMSKeyARN, found.SenderARN = kept.Route, kept.KMSKeyARN, kept.SenderARN
	found.Window, found.MaxObjects, found.ListEvery = kept.Window, kept.MaxObjects, kept.ListEvery
	return found, err
}

// DeleteEvents removes the setting of a source with its waiting objects and lists.
func (s *Store) DeleteEvents(ctx context.Context, workspace, sourceID string) error {
	return s.update(ctx, func(tx *sql.Tx) error { return deleteEvents(ctx, tx, workspace, sourceID) })
}

func deleteEvents(ctx context.Context, tx *sql.Tx, workspace, sourceID string) error {
	for _, statement := range []string{
		"DELETE FROM event_object WHERE source IN (SELECT source FROM source_events WHERE workspace = $1 AND source = $2)",
		"DELETE FROM event_list WHERE source IN (SELECT source FROM source_events WHERE workspace = $1 AND source = $2)",
		"DELETE FROM source_events WHERE workspace = $1 AND source = $2",
	} {
		if _, err := tx.ExecContext(ctx, statement, workspace, sourceID); err != nil {
			return explain(err, "bucket events of source %s", sourceID)
		}
	}
	return nil
}

// ClaimEvents reserves a kind of work on a source until a time.
func (s *Store) ClaimEvents(ctx context.Context, sourceID string, work arrival.Work, now, until time.Time) (
	bool, error,
) {
	return s.moveEvents(ctx, sourceID, work, "<=", now, until)
}

// RenewEvents extends a claim until a time to a later one. It reports false if the work
// was requested or claimed again.
func (s *Store) RenewEvents(ctx context.Context, sourceID string, work arrival.Work, until, later time.Time) (
	bool, error,
) {
	return s.moveEvents(ctx, sourceID, work, "=", until, later)
}

// ReleaseEvents sets the time when the work may be claimed again, unless the work was
// requested or claimed again since it was claimed until a time.
func (s *Store) ReleaseEvents(ctx context.Context, sourceID string, work arrival.Work, until, at time.Time) error {
	_, err := s.moveEvents(ctx, sourceID, work, "=", until, at)
	return err
}

// moveEvents sets the time of a kind of work if the current one compares with from. It
// reports whether it did.
func (s *Store) moveEvents(ctx context.Context, sourceID string, work arrival.Work, compare string,
	from, to time.Time,
) (moved bool, err error) {
	column := "start_at"
	if work == arrival.Listing {
		column = "list_at"
	}
	//nolint:gosec // G202: column and compare are constants of this file
	statement := "UPDATE source_events SET " + column + " = $3 WHERE source = $1 AND " + column + " " + compare + " $2"
	err = s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, statement, sourceID, micros(from), micros(to))
		if err != nil {
			return explain(err, "bucket events of source %s", sourceID)
		}
		n, err := result.RowsAffected()
		moved = n > 0
		return err
	})
	return moved, err
}

// SaveEventList stores the report of a list, and deletes old ones.
func (s *Store) SaveEventList(ctx context.Context, report arrival.List) error {
	content, err := text(report)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO event_list (id, source, started_at, report) VALUES ($1, $2, $3, $4)",
			report.ID, report.SourceID, micros(report.StartedAt), content)
		if err != nil {
			return explain(err, "list %s", report.ID)
		}
		_, err = tx.ExecContext(ctx, "UPDATE source_events SET approval = '' WHERE source = $1 AND approval = $2",
			report.SourceID, report.Approval)
		if err != nil {
			return explain(err, "bucket events of source %s", report.SourceID)
		}
		if err := announceMissed(ctx, tx, &report); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM event_list WHERE source = $1 AND started_at < $2", report.SourceID,
			micros(report.StartedAt.Add(-arrival.KeepLists)))
		return explain(err, "lists of source %s", report.SourceID)
	})
}

// EventLists returns a page of the lists of a source, newest first.
func (s *Store) EventLists(ctx context.Context, sourceID string, request paging.Request) (
	paging.List[arrival.List], error,
) {
	before, limit, err := request.Start("evlist")
	if err != nil {
		return paging.List[arrival.List]{}, err
	}
	if before == "" {
		before = "~" // after every ID
	}
	rows, err := s.reader.QueryContext(ctx, `SELECT report FROM event_list WHERE source = $1 AND id < $2
		ORDER BY id DESC LIMIT $3`, sourceID, before, limit+1)
	found, err := collect(rows, err, func(row scanner) (arrival.List, error) {
		var content string
		var report arrival.List
		if err := row.Scan(&content); err != nil {
			return report, err
		}
		return report, parse(content, &report)
	})
	return paging.Cut("evlist", found, limit, func(list arrival.List) string { return list.ID }),
		explain(err, "lists of source %s", sourceID)
}

// EventFeeds returns the schedules of a source that listen to events.
func (s *Store) EventFeeds(ctx context.Context, workspace, sourceID string) ([]arrival.Feed, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT "+scheduleSelect+
		" FROM schedule WHERE workspace = $1 AND source = $2 ORDER BY id", workspace, sourceID)
	found, err := collect(rows, err, scanSchedule)
	if err != nil {
		return nil, explain(err, "schedules of source %s", sourceID)
	}
	var feeds []arrival.Feed
	for _, item := range found {
		if item.On != schedule.OnEvents {
			continue
		}
		listening, settings := arrival.Feed{Schedule: item}, ""
		err := s.reader.QueryRowContext(ctx, `SELECT COALESCE((SELECT f.dataset_id FROM feed f WHERE f.id = $4), ''),
			COALESCE((SELECT f.settings FROM feed f WHERE f.id = $4), '{}'),
			(SELECT count(*) FROM load WHERE workspace = $1 AND source = $2 AND lower(dataset) = lower($3)
				AND ended_at = 0 AND dry_run = 0) + CASE WHEN EXISTS
				(SELECT 1 FROM schedule WHERE id = $5 AND next_at <> 0) THEN 1 ELSE 0 END`,
			workspace, sourceID, item.Dataset, item.FeedID, item.ID).
			Scan(&listening.DatasetID, &settings, &listening.Busy)
		if err != nil {
			return nil, explain(err, "schedule %s", item.ID)
		}
		kept := feed.Defaults()
		if err := parse(settings, &kept); err != nil {
			return nil, err
		}
		listening.Removes, listening.MaxDeletedPercent = kept.Deleted == feed.RemoveRows, kept.MaxDeletedPercent
		feeds = append(feeds, listening)
	}
	return feeds, nil
}

// RaiseSchedule sets the fire time of a schedule that has none.
func (s *Store) RaiseSchedule(ctx context.Context, scheduleID string, at time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE schedule SET next_at = $2 WHERE id = $1 AND next_at = 0 AND paused = 0",
			scheduleID, micros(at))
		return explain(err, "schedule %s", scheduleID)
	})
}
