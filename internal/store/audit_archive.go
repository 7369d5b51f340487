package store

import (
	"context"
	"database/sql"

	"github.com/windlass-io/windlass/internal/audit"
)

// AuditChains returns the workspaces whose chains have entries; "" is the chain
// of entries without a workspace.
func (s *Store) AuditChains(ctx context.Context) ([]string, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT DISTINCT workspace FROM audit ORDER BY workspace")
	found, err := collect(rows, err, scanID)
	return found, explain(err, "audit chains")
}

const auditArchiveColumns = "workspace, first, last, before, hash, file, sha256, bytes, archived_at"

// AuditArchives returns the parts of a chain that are in files, oldest first.
func (s *Store) AuditArchives(ctx context.Context, workspace string) ([]audit.Archived, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT "+auditArchiveColumns+
		" FROM audit_archive WHERE workspace = $1 ORDER BY first", workspace)
	found, err := collect(rows, err, scanArchived)
	return found, explain(err, "audit archives")
}

func scanArchived(row scanner) (audit.Archived, error) {
	var a audit.Archived
	var first, at int64
	err := row.Scan(&a.Workspace, &first, &a.Head.Seq, &a.Before.Hash, &a.Head.Hash, &a.File, &a.SHA256, &a.Bytes, &at)
	a.Before.Seq, a.Time = first-1, moment(at)
	return a, err
}

// PruneAudit deletes the entries that a file has, and notes the file, in one
// transaction.
func (s *Store) PruneAudit(ctx context.Context, a audit.Archived) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO audit_archive ("+auditArchiveColumns+
			") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", a.Workspace, a.Before.Seq+1, a.Head.Seq, a.Before.Hash,
			a.Head.Hash, a.File, a.SHA256, a.Bytes, micros(a.Time))
		if err != nil {
			return explain(err, "audit archive %s", a.File)
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM audit WHERE workspace = $1 AND first > $2 AND last <= $3",
			a.Workspace, a.Before.Seq, a.Head.Seq)
		return explain(err, "audit entries of %s", a.File)
	})
}
