package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/audit"
)

// Limits of retries while other nodes append to the same chains.
const (
	appendAttempts = 50
	appendTimeout  = 15 * time.Second
)

// AppendAudit appends entries to their chains in one transaction. If two nodes take
// the same place, the primary key is violated and one of them tries again.
func (s *Store) AppendAudit(ctx context.Context, chains []audit.Chain) error {
	if s.dialect == Postgres { // SQLite bounds its own waiting
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, appendTimeout)
		defer cancel()
	}
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
			return appendChains(ctx, tx.StmtContext(ctx, head), tx.StmtContext(ctx, insert), chains)
		})
		if !isDuplicate(err) && !isCollision(err) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("appending to the audit: %w", err)
	}
	return nil
}

const insertBlock = `
	INSERT INTO audit (workspace, first, last, reads, since, until, hash, lines)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

func appendChains(ctx context.Context, head, insert *sql.Stmt, chains []audit.Chain) error {
	for _, chain := range chains {
		end, err := scanHead(head.QueryRowContext(ctx, chain.Workspace))
		if err != nil {
			return err
		}
		for _, b := range chain.Link(end) {
			_, err := insert.ExecContext(ctx, b.Workspace, b.First, b.Last, flag(b.Reads), micros(b.Since),
				micros(b.Until), b.Hash, b.Lines)
			if err != nil {
				return fmt.Errorf("adding a block: %w", err)
			}
		}
	}
	return nil
}

// AuditHead returns the end of a workspace's chain.
func (s *Store) AuditHead(ctx context.Context, workspace string) (audit.Head, error) {
	return scanHead(s.reader.QueryRowContext(ctx, selectHead, workspace))
}

const selectHead = `SELECT last, hash FROM audit WHERE workspace = $1 ORDER BY first DESC LIMIT 1`

func scanHead(row *sql.Row) (audit.Head, error) {
	var h audit.Head
	if err := row.Scan(&h.Seq, &h.Hash); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return audit.Head{}, fmt.Errorf("reading the head of the audit: %w", err)
	}
	return h, nil
}

// AuditForward returns the blocks whose first entry comes after number after, in order.
func (s *Store) AuditForward(ctx context.Context, workspace string, after int64, limit int) ([]audit.Block, error) {
	return s.auditBlocks(ctx, `
		SELECT workspace, first, last, reads, since, until, hash, lines FROM audit
		WHERE workspace = $1 AND first > $2
		ORDER BY first LIMIT $3`, workspace, after, limit)
}

// AuditBack returns the blocks whose first entry comes before number before, newest
// first.
func (s *Store) AuditBack(ctx context.Context, workspace string, before int64, reads bool,
	limit int,
) ([]audit.Block, error) {
	only := " AND reads = 0" // the condition of the partial index
	if reads {
		only = ""
	}
	return s.auditBlocks(ctx, `
		SELECT workspace, first, last, reads, since, until, hash, lines FROM audit
		WHERE workspace = $1 AND first < $2`+only+`
		ORDER BY first DESC LIMIT $3`, workspace, before, limit)
}

func (s *Store) auditBlocks(ctx context.Context, query string, args ...any) ([]audit.Block, error) {
	rows, err := s.reader.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading the audit: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var blocks []audit.Block
	for rows.Next() {
		var b audit.Block
		var since, until int64
		if err := rows.Scan(&b.Workspace, &b.First, &b.Last, &b.Reads, &since, &until, &b.Hash, &b.Lines); err != nil {
			return nil, fmt.Errorf("reading the audit: %w", err)
		}
		b.Since, b.Until = moment(since), moment(until)
		blocks = append(blocks, b)
	}
	return blocks, rows.Err()
}
