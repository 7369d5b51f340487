package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/windlass-io/windlass/internal/doctor"
)

// SaveCredentialVerification stores the last verification of an access key.
func (s *Store) SaveCredentialVerification(ctx context.Context, v doctor.Verification) error {
	subject, err := text(v.Subject)
	if err != nil {
		return err
	}
	checks, err := text(v.Checks)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO credential_verification (credential, id, workspace, state, reason, asked_by, subject, checks, started_at, ended_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT (credential) DO UPDATE SET id = excluded.id, state = excluded.state,
				reason = excluded.reason, asked_by = excluded.asked_by,
				subject = excluded.subject, checks = excluded.checks, started_at = excluded.started_at,
				ended_at = excluded.ended_at`,
			v.Credential, v.ID, v.Workspace, string(v.State), v.Reason, v.By, subject, checks, micros(v.StartedAt),
			micros(v.EndedAt))
		return explain(err, "verification of access key %s", v.Credential)
	})
}

// CredentialVerification returns an access key's last verification.
func (s *Store) CredentialVerification(ctx context.Context, workspace, credential string) (doctor.Verification, error) {
	v := doctor.Verification{Trigger: doctor.Asked}
	var subject, checks string
	var started, ended int64
	err := s.reader.QueryRowContext(ctx, `SELECT credential, id, workspace, state, reason, asked_by, subject,
		checks, started_at, ended_at
		FROM credential_verification WHERE workspace = $1 AND credential = $2`, workspace, credential).
		Scan(&v.Credential, &v.ID, &v.Workspace, &v.State, &v.Reason, &v.By, &subject, &checks, &started, &ended)
	if err != nil {
		return doctor.Verification{}, explain(err, "verification of access key %s", credential)
	}
	v.StartedAt, v.EndedAt = moment(started), moment(ended)
	return v, errors.Join(parse(subject, &v.Subject), parse(checks, &v.Checks))
}
