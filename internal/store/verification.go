package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/paging"
)

const verificationColumns = `id, workspace, integration, state, reason, triggered_by, asked_by, subject, checks, started_at, ended_at, again_at, notable`

// InsertVerification stores a new verification. While another one of the same
// integration runs, the error is a problem with code conflict.
func (s *Store) InsertVerification(ctx context.Context, v doctor.Verification) error {
	values, err := verificationValues(&v)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO verification ("+verificationColumns+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, values...)
		return explain(err, "verification of integration %s that runs", v.Integration)
	})
}

// SaveVerification replaces a running verification.
func (s *Store) SaveVerification(ctx context.Context, v doctor.Verification) error {
	checks, err := text(v.Checks)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE verification SET state = $1, reason = $2, checks = $3, ended_at = $4, again_at = $5, notable = $6
			WHERE id = $7 AND workspace = $8 AND state = 'running'`,
			string(v.State), v.Reason, checks, micros(v.EndedAt), micros(v.AgainAt), flag(v.Notable), v.ID, v.Workspace)
		return changed(result, err, "verification %s that runs", v.ID)
	})
}

// Verification returns one of an integration's verifications.
func (s *Store) Verification(ctx context.Context, workspace, integration, id string) (doctor.Verification, error) {
	row := s.reader.QueryRowContext(ctx, "SELECT "+verificationColumns+` FROM verification
		WHERE workspace = $1 AND integration = $2 AND id = $3`, workspace, integration, id)
	v, err := scanVerification(row)
	return v, explain(err, "verification %s", id)
}

// RunningVerification returns the running verification of an integration.
func (s *Store) RunningVerification(ctx context.Context, workspace, integration string) (doctor.Verification, error) {
	row := s.reader.QueryRowContext(ctx, "SELECT "+verificationColumns+` FROM verification
		WHERE workspace = $1 AND integration = $2 AND state = 'running'`, workspace, integration)
	v, err := scanVerification(row)
	return v, explain(err, "running verification of integration %s", integration)
}

// ListVerifications returns those of an integration, newest first.
func (s *Store) ListVerifications(ctx context.Context, workspace, integration string,
	request paging.Request,
) (paging.List[doctor.Verification], error) {
	after, limit, err := request.Start("verification")
	if err != nil {
		return paging.List[doctor.Verification]{}, err
	}
	rows, err := s.reader.QueryContext(ctx, "SELECT "+verificationColumns+` FROM verification
		WHERE workspace = $1 AND integration = $2 AND id < $3 ORDER BY id DESC LIMIT $4`, workspace, integration,
		newest(after), limit+1)
	if err != nil {
		return paging.List[doctor.Verification]{}, explain(err, "verifications of integration %s", integration)
	}
	defer func() { _ = rows.Close() }() // rows.Err returns the relevant error
	var found []doctor.Verification
	for rows.Next() {
		v, err := scanVerification(rows)
		if err != nil {
			return paging.List[doctor.Verification]{}, explain(err, "verifications of integration %s", integration)
		}
		found = append(found, v)
	}
	return paging.Cut("verification", found, limit, func(v doctor.Verification) string { return v.ID }),
		explain(rows.Err(), "verifications of integration %s", integration)
}

// SetDue sets the time of an integration's next verification. The zero time
// means never.
func (s *Store) SetDue(ctx context.Context, due doctor.Due) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		if due.At.IsZero() {
			_, err := tx.ExecContext(ctx, "DELETE FROM verification_due WHERE integration = $1", due.Integration)
			return explain(err, "verification of integration %s that is due", due.Integration)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO verification_due (integration, workspace, due_at, triggered_by) VALUES ($1, $2, $3, $4)
			ON CONFLICT (integration) DO UPDATE SET due_at = excluded.due_at, triggered_by = excluded.triggered_by`,
			due.Integration, due.Workspace, micros(due.At), string(due.Trigger))
		return explain(err, "verification of integration %s that is due", due.Integration)
	})
}

// TakeDue returns up to limit integrations that are due, and postpones them
// until later, so that no other node takes them.
func (s *Store) TakeDue(ctx context.Context, now, later time.Time, limit int) ([]doctor.Due, error) {
	var n int
	err := s.reader.QueryRowContext(ctx, "SELECT count(*) FROM verification_due WHERE due_at <= $1", micros(now)).
		Scan(&n)
	if err != nil || n == 0 { // the usual case, without waiting for the writer
		return nil, explain(err, "verifications that are due")
	}
	var taken []doctor.Due
	err = s.update(ctx, func(tx *sql.Tx) error {
		var err error
		if taken, err = selectDue(ctx, tx, now, limit); err != nil {
			return err
		}
		for _, due := range taken {
			_, err := tx.ExecContext(ctx, "UPDATE verification_due SET due_at = $1 WHERE integration = $2",
				micros(later), due.Integration)
			if err != nil {
				return explain(err, "verifications that are due")
			}
		}
		return nil
	})
	return taken, err
}

func selectDue(ctx context.Context, tx *sql.Tx, now time.Time, limit int) ([]doctor.Due, error) {
	rows, err := tx.QueryContext(ctx, `SELECT integration, workspace, due_at, triggered_by FROM verification_due
		WHERE due_at <= $1 ORDER BY due_at LIMIT $2`, micros(now), limit)
	if err != nil {
		return nil, explain(err, "verifications that are due")
	}
	defer func() { _ = rows.Close() }() // rows.Err returns the relevant error
	var found []doctor.Due
	for rows.Next() {
		var due doctor.Due
		var at int64
		if err := rows.Scan(&due.Integration, &due.Workspace, &at, &due.Trigger); err != nil {
			return nil, explain(err, "verifications that are due")
		}
		due.At = moment(at)
		found = append(found, due)
	}
	return found, explain(rows.Err(), "verifications that are due")
}

// verificationValues returns the values of verificationColumns.
func verificationValues(v *doctor.Verification) ([]any, error) {
	subject, err := text(v.Subject)
	if err != nil {
		return nil, err
	}
	checks, err := text(v.Checks)
	return []any{
		v.ID, v.Workspace, v.Integration, string(v.State), v.Reason, string(v.Trigger), v.By,
		subject, checks, micros(v.StartedAt), micros(v.EndedAt), micros(v.AgainAt), flag(v.Notable),
	}, err
}

func scanVerification(row interface{ Scan(...any) error }) (doctor.Verification, error) {
	var v doctor.Verification
	var subject, checks string
	var started, ended, again int64
	err := row.Scan(&v.ID, &v.Workspace, &v.Integration, &v.State, &v.Reason, &v.Trigger, &v.By, &subject, &checks,
		&started, &ended, &again, &v.Notable)
	if err != nil {
		return doctor.Verification{}, err
	}
	v.StartedAt, v.EndedAt, v.AgainAt = moment(started), moment(ended), moment(again)
	err = errors.Join(parse(subject, &v.Subject), parse(checks, &v.Checks))
	return v, err
}
