package store

import (
	"context"
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/integration"
)

// Counts has numbers of things in the state, for metrics.
type Counts struct {
	Loads          map[string]int            // that have not ended, by state; parked: ended after crashes within a week
	OldestQueued   time.Time                 // zero: none is due
	Schedules      map[string]int            // by state: enabled, paused
	OldestDue      time.Time                 // the earliest fire time that has passed; zero: none
	Integrations   map[string]map[string]int // by part and state
	OldestVerified time.Time                 // the last verification of a verified integration; zero: none
	Notifications  map[string]int            // that wait, by kind
	Datasets       int
	Rows           int64
	Segments       int
	SegmentBytes   int64
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
	var queued, due, verified int64
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
	c.OldestQueued, c.OldestDue, c.OldestVerified = moment(queued), moment(due), moment(verified)
	return c, nil
}

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
