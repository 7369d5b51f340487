package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/arrival"
	"github.com/windlass-io/windlass/internal/event"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
)

const eventObjectColumns = `object_key, action, form, sequencer, event_at, first_seen, origin, attempts, next_at, exhausted,
	fault, revision, started, found, approved`

// never is the next attempt of an object that is not tried again.
const never = math.MaxInt64

// RecordArrivals merges arrivals into the waiting objects, sets their Known, and adds
// to the record of what was seen.
func (s *Store) RecordArrivals(ctx context.Context, now time.Time, batches []arrival.Batch) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		for i := range batches {
			if err := recordBatch(ctx, tx, now, batches[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func recordBatch(ctx context.Context, tx *sql.Tx, now time.Time, batch arrival.Batch) error {
	var content string
	err := tx.QueryRowContext(ctx, "SELECT seen FROM source_events WHERE source = $1", batch.SourceID).Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // removed a moment ago
	}
	if err != nil {
		return explain(err, "bucket events of source %s", batch.SourceID)
	}
	var seen arrival.Seen
	if err := parse(content, &seen); err != nil {
		return err
	}
	counts := arrival.Counts{}
	for i := range batch.Arrivals {
		order, err := mergeArrival(ctx, tx, batch.SourceID, &batch.Arrivals[i], now)
		if err != nil {
			return err
		}
		batch.Arrivals[i].Known = order == event.Same || order == event.Older
		switch order {
		case event.Same:
			counts.Duplicates++
		case event.Older:
			counts.Stale++
		case event.Newer, event.Unknown:
		}
	}
	seen.Update(&batch.Seen)
	seen.Counts.Add(&counts)
	if content, err = text(seen); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE source_events SET seen = $2 WHERE source = $1", batch.SourceID, content)
	return explain(err, "bucket events of source %s", batch.SourceID)
}

// mergeArrival merges an arrival into the waiting object with its key.
func mergeArrival(ctx context.Context, tx *sql.Tx, sourceID string, a *arrival.Arrival, now time.Time) (
	event.Order, error,
) {
	var row *arrival.Object
	found, err := scanEventObject(tx.QueryRowContext(ctx, "SELECT "+eventObjectColumns+
		" FROM event_object WHERE source = $1 AND object_key = $2", sourceID, a.Key))
	switch {
	case err == nil:
		row = &found
	case !errors.Is(err, sql.ErrNoRows):
		return "", explain(err, "waiting object %q", a.Key)
	}
	merged, order := arrival.Merge(row, a, now)
	if row != nil && (order == event.Same || order == event.Older) {
		return order, nil
	}
	return order, saveEventObject(ctx, tx, sourceID, &merged)
}

func saveEventObject(ctx context.Context, tx *sql.Tx, sourceID string, o *arrival.Object) error {
	found, err := text(o.Found)
	if err != nil {
		return err
	}
	next := micros(o.NextAt)
	if o.Exhausted {
		next = never
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO event_object (source, "+eventObjectColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
		ON CONFLICT (source, object_key) DO UPDATE SET action = excluded.action, form = excluded.form,
			sequencer = excluded.sequencer, event_at = excluded.event_at, first_seen = excluded.first_seen,
			origin = excluded.origin, attempts = excluded.attempts, next_at = excluded.next_at,
			exhausted = excluded.exhausted, fault = excluded.fault, revision = excluded.revision,
			started = excluded.started, found = excluded.found,
			approved = excluded.approved`,
		sourceID, o.Key, string(o.Action), string(o.Mark.Form), o.Mark.Sequencer, micros(o.EventAt),
		micros(o.FirstSeen),
		string(o.Origin), o.Attempts, next, flag(o.Exhausted), o.Fault, o.Revision, flag(o.Started), found, o.Approved)
	return explain(err, "waiting object %q", o.Key)
}

func scanEventObject(row scanner) (arrival.Object, error) {
	var o arrival.Object
	var eventAt, first, next int64
	var found string
	err := row.Scan(&o.Key, &o.Action, &o.Mark.Form, &o.Mark.Sequencer, &eventAt, &first, &o.Origin, &o.Attempts, &next,
		&o.Exhausted, &o.Fault, &o.Revision, &o.Started, &found, &o.Approved)
	if err != nil {
		return arrival.Object{}, err
	}
	o.EventAt, o.FirstSeen = moment(eventAt), moment(first)
	if next != never {
		o.NextAt = moment(next)
	}
	return o, parse(found, &o.Found)
}

// CountWaiting returns the number of waiting objects, and the time when the oldest
// of them was first seen.
func (s *Store) CountWaiting(ctx context.Context, sourceID string, now time.Time, due bool) (
	n int, oldest time.Time, err error,
) {
	statement := "SELECT count(*), COALESCE(min(first_seen), 0) FROM event_object WHERE source = $1"
	args := []any{sourceID}
	if due {
		statement += " AND started = 0 AND next_at <= $2"
		args = append(args, micros(now))
	}
	var first int64
	err = s.reader.QueryRowContext(ctx, statement, args...).Scan(&n, &first)
	return n, moment(first), explain(err, "waiting objects of source %s", sourceID)
}

// DueObjects returns the objects that are due, oldest first.
func (s *Store) DueObjects(ctx context.Context, sourceID string, now time.Time, limit int) ([]arrival.Object, error) {
	return s.eventObjects(ctx, "source = $1 AND started = 0 AND next_at <= $2 ORDER BY first_seen, object_key LIMIT $3",
		sourceID, micros(now), limit)
}

// StartedObjects returns objects for which a load was started.
func (s *Store) StartedObjects(ctx context.Context, sourceID string, limit int) ([]arrival.Object, error) {
	return s.eventObjects(ctx, "source = $1 AND started = 1 ORDER BY first_seen, object_key LIMIT $2", sourceID, limit)
}

func (s *Store) eventObjects(ctx context.Context, where string, args ...any) ([]arrival.Object, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT "+eventObjectColumns+" FROM event_object WHERE "+where, args...) //nolint:gosec // G202: where is a constant of this file
	found, err := collect(rows, err, scanEventObject)
	return found, explain(err, "waiting objects")
}

// WaitingObjects returns the objects that an events load handles.
func (s *Store) WaitingObjects(ctx context.Context, sourceID string, limit int) (load.Arrived, error) {
	started, err := s.StartedObjects(ctx, sourceID, limit)
	if err != nil {
		return load.Arrived{}, err
	}
	arrived := load.Arrived{Approved: map[string]string{}}
	for i := range started {
		o := &started[i]
		if !o.IsGone() {
			arrived.There = append(arrived.There, o.Found)
			continue
		}
		arrived.Gone = append(arrived.Gone, o.Key)
		if o.Approved != "" {
			arrived.Approved[o.Key] = o.Approved
		}
	}
	if len(arrived.Gone) > 0 {
		arrived.Deleted, err = s.deletedKeys(ctx, sourceID, limit)
	}
	return arrived, err
}

// deletedKeys returns the keys of objects that are said to be deleted, and for which no
// load was started.
func (s *Store) deletedKeys(ctx context.Context, sourceID string, limit int) ([]string, error) {
	rows, err := s.reader.QueryContext(ctx, `SELECT object_key FROM event_object
		WHERE source = $1 AND started = 0 AND action = $2 AND approved = '' ORDER BY first_seen, object_key LIMIT $3`,
		sourceID, string(event.Remove), limit)
	keys, err := collect(rows, err, func(row scanner) (key string, err error) {
		err = row.Scan(&key)
		return key, err
	})
	return keys, explain(err, "waiting objects of source %s", sourceID)
}

// CountKept returns the number of deleted objects whose rows a load has kept.
func (s *Store) CountKept(ctx context.Context, sourceID string) (n int, err error) {
	err = s.reader.QueryRowContext(ctx, "SELECT count(*) FROM event_object WHERE source = $1 AND fault = $2", sourceID,
		arrival.FaultKept).Scan(&n)
	return n, explain(err, "waiting objects of source %s", sourceID)
}

// WaitingKeys returns those of the keys that wait and are still tried.
func (s *Store) WaitingKeys(ctx context.Context, sourceID string, keys []string) (map[string]bool, error) {
	found := map[string]bool{}
	if len(keys) == 0 {
		return found, nil
	}
	args := []any{sourceID}
	var places []string
	for i, key := range keys {
		args = append(args, key)
		places = append(places, "$"+strconv.Itoa(i+2))
	}
	//nolint:gosec // G202: the placeholders are numbers
	query := "SELECT object_key FROM event_object WHERE source = $1 AND exhausted = 0 AND object_key IN (" +
		strings.Join(places, ", ") + ")"
	rows, err := s.reader.QueryContext(ctx, query, args...)
	list, err := collect(rows, err, func(row scanner) (key string, err error) {
		err = row.Scan(&key)
		return key, err
	})
	for _, key := range list {
		found[key] = true
	}
	return found, explain(err, "waiting objects of source %s", sourceID)
}

// ListWaiting returns a page of waiting objects, by key.
func (s *Store) ListWaiting(ctx context.Context, sourceID string, failed bool, request paging.Request) (
	paging.List[arrival.Object], error,
) {
	after, limit, err := request.Start("event_object")
	if err != nil {
		return paging.List[arrival.Object]{}, err
	}
	where := "source = $1 AND object_key > $2 ORDER BY object_key LIMIT $3"
	if failed {
		where = "source = $1 AND object_key > $2 AND fault <> '' ORDER BY object_key LIMIT $3"
	}
	found, err := s.eventObjects(ctx, where, sourceID, after, limit+1)
	return paging.Cut("event_object", found, limit, func(o arrival.Object) string { return o.Key }), err
}

// UpdateWaiting changes waiting objects that no event has changed since, and adds
// counts.
func (s *Store) UpdateWaiting(
	ctx context.Context, sourceID string, updates []arrival.Update, counts arrival.Counts,
) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		for i := range updates {
			if err := updateWaiting(ctx, tx, sourceID, &updates[i]); err != nil {
				return err
			}
		}
		return recordBatch(ctx, tx, time.Time{}, arrival.Batch{SourceID: sourceID, Seen: arrival.Seen{Counts: counts}})
	})
}

func updateWaiting(ctx context.Context, tx *sql.Tx, sourceID string, one *arrival.Update) error {
	o := &one.Object
	result, err := tx.ExecContext(ctx, "DELETE FROM event_object WHERE source = $1 AND object_key = $2 AND revision = $3",
		sourceID, o.Key, o.Revision)
	if err != nil {
		return explain(err, "waiting object %q", o.Key)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 || one.Gone {
		return err
	}
	return saveEventObject(ctx, tx, sourceID, o)
}
