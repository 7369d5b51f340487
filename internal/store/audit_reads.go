package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/audit"
)

const auditReadColumns = `minute, workspace, actor_kind, actor_id, actor_name, token, resource_workspace, resource_kind,
	resource_id, reason, reads, rows, bytes`

// AddReads adds to the summaries of reads, in one transaction.
func (s *Store) AddReads(ctx context.Context, summaries []audit.Summary) error {
	ctx, cancel := context.WithTimeout(ctx, appendTimeout)
	defer cancel()
	add, err := s.hot(ctx, addReads)
	if err != nil {
		return err
	}
	err = s.update(ctx, func(tx *sql.Tx) error {
		statement := tx.StmtContext(ctx, add) //nolint:sqlclosecheck // closed with the transaction
		for i := range summaries {
			r := &summaries[i]
			_, err := statement.ExecContext(ctx, micros(r.Minute), r.Workspace, string(r.Actor.Kind), r.Actor.ID,
				r.Actor.Name, r.Token, r.Resource.Workspace, r.Resource.Kind, r.Resource.ID, r.Reason, r.Reads, r.Rows,
				r.Bytes)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("storing summaries of reads: %w", err)
	}
	return nil
}

const addReads = `INSERT INTO audit_read AS r (` + auditReadColumns + `)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
	ON CONFLICT (minute, workspace, actor_kind, actor_id, actor_name, token, resource_workspace, resource_kind,
		resource_id, reason)
	DO UPDATE SET reads = r.reads + excluded.reads, rows = r.rows + excluded.rows, bytes = r.bytes + excluded.bytes`

// SealReads appends the summaries of minutes that began before a time to their
// chains and removes them, in one transaction. If two nodes take the same place
// in a chain, the primary key is violated and one of them tries again.
func (s *Store) SealReads(ctx context.Context, before, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, appendTimeout)
	defer cancel()
	head, err := s.hot(ctx, selectHead)
	if err != nil {
		return err
	}
	insert, err := s.hot(ctx, insertBlock)
	if err != nil {
		return err
	}
	for range appendAttempts {
		err = s.update(ctx, func(tx *sql.Tx) error {
			chains, err := takeReads(ctx, tx, before, now)
			if err != nil {
				return err
			}
			return appendChains(ctx, tx.StmtContext(ctx, head), tx.StmtContext(ctx, insert), chains)
		})
		if !isDuplicate(err) && !isCollision(err) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("appending summaries of reads to the audit: %w", err)
	}
	return nil
}

// takeReads removes summaries and returns them as entries of their chains.
func takeReads(ctx context.Context, tx *sql.Tx, before, now time.Time) ([]audit.Chain, error) {
	rows, err := tx.QueryContext(ctx, "SELECT "+auditReadColumns+
		" FROM audit_read WHERE minute < $1 ORDER BY workspace, minute, actor_id, resource_id", micros(before))
	found, err := collect(rows, err, scanSummary)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM audit_read WHERE minute < $1`, micros(before)); err != nil {
		return nil, err
	}
	return audit.SealSummaries(found, now)
}

func scanSummary(row scanner) (audit.Summary, error) {
	var r audit.Summary
	var minute int64
	err := row.Scan(&minute, &r.Workspace, &r.Actor.Kind, &r.Actor.ID, &r.Actor.Name, &r.Token, &r.Resource.Workspace,
		&r.Resource.Kind, &r.Resource.ID, &r.Reason, &r.Reads, &r.Rows, &r.Bytes)
	r.Minute = moment(minute)
	return r, err
}
