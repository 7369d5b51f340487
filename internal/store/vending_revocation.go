package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/vending"
)

const revocationColumns = "id, workspace, kind, subject, provider, created_at, undone_at"

// InsertRevocation stores a new revocation.
func (s *Store) InsertRevocation(ctx context.Context, made vending.Revocation) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO revocation ("+revocationColumns+
			") VALUES ($1, $2, $3, $4, $5, $6, $7)",
			made.ID, made.Workspace, string(made.Kind), made.Subject, made.Provider, micros(made.CreatedAt),
			micros(made.UndoneAt))
		return explain(err, "revocation %s", made.ID)
	})
}

// ListRevocations returns a workspace's revocations that were not undone, oldest
// first.
func (s *Store) ListRevocations(ctx context.Context, workspace string,
	request paging.Request,
) (paging.List[vending.Revocation], error) {
	after, limit, err := request.Start("revocation")
	if err != nil {
		return paging.List[vending.Revocation]{}, err
	}
	rows, err := s.reader.QueryContext(ctx, "SELECT "+revocationColumns+
		" FROM revocation WHERE workspace = $1 AND id > $2 AND undone_at = 0 ORDER BY id LIMIT $3", workspace, after,
		limit+1)
	found, err := collect(rows, err, scanRevocation)
	if err != nil {
		return paging.List[vending.Revocation]{}, explain(err, "revocations")
	}
	return paging.Cut("revocation", found, limit, func(r vending.Revocation) string { return r.ID }), nil
}

// UndoRevocation stores when the revocation of a user or an integration was
// undone, unless it already has been.
func (s *Store) UndoRevocation(ctx context.Context, workspace, id string, now time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE revocation SET undone_at = CASE undone_at WHEN 0 THEN $3 ELSE undone_at END
			WHERE workspace = $1 AND id = $2 AND kind IN ('user', 'integration')`, workspace, id, micros(now))
		return changed(result, err, "revocation %s", id)
	})
}

// Revoked reports whether a revocation that was not undone names the subject.
func (s *Store) Revoked(ctx context.Context, workspace string, kind vending.Subject, subject,
	providerID string,
) (bool, error) {
	var n int
	err := s.reader.QueryRowContext(ctx, "SELECT count(*) FROM revocation WHERE workspace = $1 AND kind = $2 AND subject = $3 AND provider = $4 AND undone_at = 0",
		workspace, string(kind), subject, providerID).Scan(&n)
	return n > 0, explain(err, "revocations")
}

// VendingIntegrations returns the integrations of a provider's grants, the
// revoked ones too.
func (s *Store) VendingIntegrations(ctx context.Context, workspace, providerID string) ([]string, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT DISTINCT integration FROM vending_grant WHERE workspace = $1 AND provider = $2 ORDER BY integration", workspace, providerID)
	found, err := collect(rows, err, func(row scanner) (string, error) {
		var id string
		err := row.Scan(&id)
		return id, err
	})
	return found, explain(err, "integrations that are vended from")
}

func scanRevocation(row scanner) (vending.Revocation, error) {
	var r vending.Revocation
	var created, undone int64
	err := row.Scan(&r.ID, &r.Workspace, &r.Kind, &r.Subject, &r.Provider, &created, &undone)
	r.CreatedAt, r.UndoneAt = moment(created), moment(undone)
	return r, err
}
