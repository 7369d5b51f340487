package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// PinRows prevents the deletion of files with rows until a time. Another call with
// the same ID changes the time.
func (s *Store) PinRows(ctx context.Context, id string, until time.Time) error {
	_, err := s.writer.ExecContext(ctx, `INSERT INTO pin (id, until) VALUES ($1, $2)
		ON CONFLICT (id) DO UPDATE SET until = excluded.until`, id, micros(until))
	return explain(err, "pin")
}

// UnpinRows removes a pin, and all expired pins.
func (s *Store) UnpinRows(ctx context.Context, id string, now time.Time) error {
	_, err := s.writer.ExecContext(ctx, "DELETE FROM pin WHERE id = $1 OR until <= $2", id, micros(now))
	return explain(err, "pin")
}

// RowsPinned reports whether a pin lives.
func (s *Store) RowsPinned(ctx context.Context, now time.Time) (bool, error) {
	var n int
	err := s.reader.QueryRowContext(ctx, "SELECT COUNT(*) FROM pin WHERE until > $1", micros(now)).Scan(&n)
	return n > 0, explain(err, "pins")
}

// Instance returns the ID of this state. If it has none, it gets id.
func (s *Store) Instance(ctx context.Context, id string) (string, error) {
	_, err := s.writer.ExecContext(ctx, "INSERT INTO instance (one, id) VALUES (1, $1) ON CONFLICT (one) DO NOTHING", id)
	if err != nil {
		return "", explain(err, "instance")
	}
	err = s.reader.QueryRowContext(ctx, "SELECT id FROM instance").Scan(&id)
	return id, explain(err, "instance")
}

// BackedUp records the time of a backup.
func (s *Store) BackedUp(ctx context.Context, at time.Time) error {
	_, err := s.writer.ExecContext(ctx, "UPDATE instance SET backed_up_at = $1", micros(at))
	return explain(err, "instance")
}

// LastBackup returns the time of the last backup, or zero if there was none.
func (s *Store) LastBackup(ctx context.Context) (time.Time, error) {
	var at int64
	err := s.reader.QueryRowContext(ctx, "SELECT backed_up_at FROM instance").Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return moment(at), explain(err, "instance")
}
