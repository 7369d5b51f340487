package store

import (
	"context"
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/integration"
)

// Counts has numbers of things in the state, for metrics.
type Counts struct {
	Loads          map[string]int            // that have not ended, by state; parked: ended after crashes within a week
	OldestQueued   time.Time                 // zero: none is due
	Schedules      map[string]int            // by state: enabled, paused
	OldestEvent    time.Time                 // bucket event that waits, or that a queue may keep; zero: none
	OldestDue      time.Time                 // the earliest fire time that has passed; zero: none
	Integrations   map[string]map[string]int // by part and state
	OldestVerified time.Time                 // the last verification of a verified integration; zero: none
	Notifications  map[string]int            // that wait, by kind
	Datasets       int
	Rows           int64
	Segments       int
	SegmentBytes   int64
	Backlog        int64 // bytes of segments that wait to be compacted
}

// parkedFor is how long a parked load counts.
const parkedFor = 7 * 24 * time.Hour

// Count counts the things in the state, in all workspaces.
func (s *Store) Count(ctx context.Context, now time.Time) (Counts, error) {
	c := Counts{}
	var err error
	if c.Loads, err = s.countBy(ctx, "SELECT state, COUNT(*) FROM load WHERE ended_at = 0 GROUP BY state"); err != nil {
		return Counts{}, err
	}
	if c.Schedules, err = s.countBy(ctx, `SELECT CASE WHEN paused <> 0 THEN 'paused' ELSE 'enabled' END, COUNT(*)
		FROM schedule GROUP BY 1`); err != nil {
		return Counts{}, err
	}
	if c.Integrations, err = s.countParts(ctx); err != nil {
		return Counts{}, err
	}
	if c.Notifications, err = s.countBy(ctx, `SELECT n.kind, COUNT(*) FROM notification_delivery d
		JOIN notification n ON n.id = d.destination WHERE d.state = 'waiting' GROUP BY n.kind`); err != nil {
		return Counts{}, err
	}
	var parked int
	var queued, due, verified, waiting int64
	for _, counter := range []struct {
		target any
		query  string
		args   []any
	}{
		{
			&parked, "SELECT COUNT(*) FROM load WHERE state = 'failed' AND code = 'crashed' AND ended_at > $1",
			[]any{micros(now.Add(-parkedFor))},
		},
		{&queued, `SELECT COALESCE(MIN(created_at), 0) FROM load
			WHERE ended_at = 0 AND state = 'queued' AND claimed_until <= $1`, []any{micros(now)}},
		{
			&due, `SELECT COALESCE(MIN(next_at), 0) FROM schedule WHERE next_at <> 0 AND paused = 0 AND next_at <= $1`,
			[]any{micros(now)},
		},
		{&waiting, `SELECT COALESCE(MIN(o.first_seen), 0) FROM event_object o JOIN source_events e ON e.source = o.source
			WHERE e.paused = 0 AND o.exhausted = 0`, nil},
		{&c.Backlog, backlogQuery, []any{manifest.MaxSegments, manifest.DeletedRows, manifest.DeletedShare}},
		{&verified, "SELECT COALESCE(MIN(verified_at), 0) FROM integration WHERE state = 'verified'", nil},
		{&c.Datasets, "SELECT COUNT(*) FROM dataset WHERE removed_at = 0 AND view = ''", nil},
		{&c.Rows, "SELECT CAST(COALESCE(SUM(rows), 0) AS BIGINT) FROM rows_dataset", nil},
		{&c.Segments, "SELECT COUNT(*) FROM rows_segment", nil},
		{&c.SegmentBytes, "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM rows_segment", nil},
	} {
		if err := s.reader.QueryRowContext(ctx, counter.query, counter.args...).Scan(counter.target); err != nil {
			return Counts{}, fmt.Errorf("counting for metrics: %w", err)
		}
	}
	c.Loads["parked"] = parked
	if c.OldestEvent, err = s.oldestEvent(ctx, moment(waiting)); err != nil {
		return Counts{}, err
	}
	c.OldestQueued, c.OldestDue, c.OldestVerified = moment(queued), moment(due), moment(verified)
	return c, nil
}

// oldestEvent returns the earliest of a time, if it isn't zero, and the times since when
// queues of sources have failed: their messages may be as old.
func (s *Store) oldestEvent(ctx context.Context, waiting time.Time) (time.Time, error) {
	settings, err := s.AllEvents(ctx)
	if err != nil {
		return time.Time{}, err
	}
	for i := range settings {
		failing := settings[i].Seen.FailingSince
		if settings[i].Paused || failing.IsZero() {
			continue
		}
		if waiting.IsZero() || failing.Before(waiting) {
			waiting = failing
		}
	}
	return waiting, nil
}

// backlogQuery sums the bytes of the files that compaction has to merge: the smallest ones
// of a dataset with more than $1 files, so that one fewer remains than it may have, and
// those with many deleted rows.
const backlogQuery = `WITH many AS (SELECT dataset FROM rows_segment GROUP BY dataset HAVING COUNT(*) > $1),
	ranked AS (SELECT id, bytes, ROW_NUMBER() OVER (PARTITION BY dataset ORDER BY bytes DESC, id) AS place
		FROM rows_segment WHERE dataset IN (SELECT dataset FROM many)),
	due AS (SELECT id, bytes FROM ranked WHERE place > $1 - 2
		UNION SELECT id, bytes FROM rows_segment WHERE deleted >= $2 AND deleted * $3 >= rows)
	SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM due`

// countBy runs a query for names and their numbers.
func (s *Store) countBy(ctx context.Context, query string) (map[string]int, error) {
	rows, err := s.reader.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("counting for metrics: %w", err)
	}
	defer rows.Close()
	counts := map[string]int{}
	for rows.Next() {
		var name string
		var count int
		if err := rows.Scan(&name, &count); err != nil {
			return nil, fmt.Errorf("counting for metrics: %w", err)
		}
		counts[name] = count
	}
	return counts, rows.Err()
}

// Connections describes the use of a pool of connections to the state's database.
type Connections struct {
	Used, Idle, Max int
	Waited          time.Duration // for a connection, since the start
}

// Connections returns how the connections are used.
func (s *Store) Connections() Connections {
	stats := s.reader.Stats()
	return Connections{Used: stats.InUse, Idle: stats.Idle, Max: stats.MaxOpenConnections, Waited: stats.WaitDuration}
}

// countParts counts the parts of integrations by their states.
func (s *Store) countParts(ctx context.Context) (map[string]map[string]int, error) {
	counts := map[string]map[string]int{}
	found, err := queryIntegrations(ctx, s.reader, "state <> 'removed'")
	if err != nil {
		return nil, err
	}
	for i := range found {
		for _, p := range integration.AllParts {
			standing, ok := found[i].Part(p)
			if counts[string(p)] == nil {
				counts[string(p)] = map[string]int{}
			}
			if ok {
				counts[string(p)][string(standing.State)]++
			}
		}
	}
	return counts, nil
}
