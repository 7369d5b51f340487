package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// PinRows keeps files with rows from being deleted until a time. Called again with
// the same ID, it moves the time.
func (s *Store) PinRows(ctx context.Context, id string, until time.Time) error {
	_, err := s.writer.ExecContext(ctx, `INSERT INTO pin (id, until) VALUES ($1, $2)
		ON CONFLICT (id) DO UPDATE SET until = excluded.until`, id, micros(until))
	return explain(err, "pin")
}

// UnpinRows ends a pin, and every pin whose time is over.
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

// Instance returns the ID of this state, which is id when it had none.
func (s *Store) Instance(ctx context.Context, id string) (string, error) {
	_, err := s.writer.ExecContext(ctx, "INSERT INTO instance (one, id) VALUES (1, $1) ON CONFLICT (one) DO NOTHING", id)
	if err != nil {
		return "", explain(err, "instance")
	}
	err = s.reader.QueryRowContext(ctx, "SELECT id FROM instance").Scan(&id)
	return id, explain(err, "instance")
}

// BackedUp notes that a backup was made.
func (s *Store) BackedUp(ctx context.Context, at time.Time) error {
	_, err := s.writer.ExecContext(ctx, "UPDATE instance SET backed_up_at = $1", micros(at))
	return explain(err, "instance")
}

// LastBackup returns when the last backup was made; zero when there was none.
func (s *Store) LastBackup(ctx context.Context) (time.Time, error) {
	var at int64
	err := s.reader.QueryRowContext(ctx, "SELECT backed_up_at FROM instance").Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return moment(at), explain(err, "instance")
}
