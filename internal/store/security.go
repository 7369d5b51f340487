package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/security"
)

const securityColumns = `seq, fold, kind, address, subject, actor, workspace, method, reason, request_id, events, first_at, last_at, prev, hash`

// AppendSecurity links entries to the end of the security log's chain and stores
// them. If two nodes take the same place, the primary key is violated and one of
// them tries again.
func (s *Store) AppendSecurity(ctx context.Context, entries []security.Entry) (err error) {
	for range appendAttempts {
		err = s.update(ctx, func(tx *sql.Tx) error {
			head, err := securityHead(ctx, tx)
			if err != nil {
				return err
			}
			prev := head.Hash
			for _, e := range security.Link(head, entries) {
				if err := insertSecurity(ctx, tx, &e, prev); err != nil {
					return err
				}
				prev = e.Hash
			}
			return nil
		})
		if !isDuplicate(err) && !isCollision(err) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("appending to the security log: %w", err)
	}
	return nil
}

func securityHead(ctx context.Context, q querier) (head security.Head, err error) {
	err = q.QueryRowContext(ctx, `SELECT seq, hash FROM security_event ORDER BY seq DESC LIMIT 1`).
		Scan(&head.Seq, &head.Hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return security.Head{}, fmt.Errorf("reading the head of the security log: %w", err)
	}
	return head, nil
}

func insertSecurity(ctx context.Context, tx *sql.Tx, e *security.Entry, prev string) error {
	if _, err := tx.ExecContext(ctx, `UPDATE security_event SET latest = 0 WHERE fold = $1 AND latest = 1`,
		e.Window); err != nil {
		return fmt.Errorf("replacing a security entry: %w", err)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO security_event (`+securityColumns+`, latest)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1)`,
		e.Seq, e.Window, string(e.Kind), e.Address, e.Subject, e.Actor, e.Workspace, e.Method, e.Reason, e.RequestID,
		e.Count, micros(e.First), micros(e.Last), prev, e.Hash)
	if err != nil {
		return fmt.Errorf("storing a security entry: %w", err)
	}
	return nil
}

// ListSecurity returns a page of the newest entries of windows, newest first.
func (s *Store) ListSecurity(ctx context.Context, filter security.Filter,
	request paging.Request,
) (paging.List[security.Entry], error) {
	after, limit, err := request.Start("security")
	if err != nil {
		return paging.List[security.Entry]{}, err
	}
	before := int64(math.MaxInt64)
	if after != "" {
		if before, err = strconv.ParseInt(after, 10, 64); err != nil {
			return paging.List[security.Entry]{}, problem.New(problem.Invalid, "The cursor doesn't belong to this "+
				"list.")
		}
	}
	query, args := `SELECT `+securityColumns+` FROM security_event WHERE latest = 1 AND seq < $1`, []any{before}
	add := func(condition string, value any) {
		args = append(args, value)
		query += " AND " + condition + " $" + strconv.Itoa(len(args))
	}
	if filter.Workspace != "" {
		add("workspace =", filter.Workspace)
	}
	if filter.Kind != "" {
		add("kind =", string(filter.Kind))
	}
	if filter.Address != "" {
		add("address =", filter.Address)
	}
	if !filter.From.IsZero() {
		add("last_at >=", micros(filter.From))
	}
	if !filter.To.IsZero() {
		add("first_at <", micros(filter.To))
	}
	args = append(args, limit+1)
	rows, err := s.reader.QueryContext(ctx, query+" ORDER BY seq DESC LIMIT $"+strconv.Itoa(len(args)), args...)
	found, err := collect(rows, err, scanSecurity)
	if err != nil {
		return paging.List[security.Entry]{}, explain(err, "security log")
	}
	entries := make([]security.Entry, len(found))
	for i, row := range found {
		entries[i] = row.entry
	}
	return paging.Cut("security", entries, limit, func(e security.Entry) string {
		return strconv.FormatInt(e.Seq,
			10)
	}), nil
}

// SecurityChain returns the entries after a position in the chain, and the hash
// before the first one.
func (s *Store) SecurityChain(ctx context.Context, after int64,
	limit int,
) (entries []security.Entry, before string, err error) {
	rows, err := s.reader.QueryContext(ctx, `SELECT `+securityColumns+
		` FROM security_event WHERE seq > $1 ORDER BY seq LIMIT $2`, after, limit)
	found, err := collect(rows, err, scanSecurity)
	if err != nil || len(found) == 0 {
		return nil, "", explain(err, "security log")
	}
	for _, row := range found {
		entries = append(entries, row.entry)
	}
	return entries, found[0].prev, nil
}

// PruneSecurity deletes entries from the start of the chain whose last event is
// before a time. It keeps the last entry, from which the chain continues.
func (s *Store) PruneSecurity(ctx context.Context, before time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		var end sql.NullInt64 // the first entry to keep
		err := tx.QueryRowContext(ctx, `SELECT COALESCE(
			(SELECT MIN(seq) FROM security_event WHERE last_at >= $1),
			(SELECT MAX(seq) FROM security_event))`, micros(before)).Scan(&end)
		if err != nil || !end.Valid {
			return explain(err, "oldest security entry")
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM security_event WHERE seq < $1`, end.Int64)
		return explain(err, "old security entries")
	})
}

// securityRow is an entry with the hash before it.
type securityRow struct {
	entry security.Entry
	prev  string
}

func scanSecurity(row scanner) (securityRow, error) {
	var r securityRow
	var first, last int64
	e := &r.entry
	err := row.Scan(&e.Seq, &e.Window, &e.Kind, &e.Address, &e.Subject, &e.Actor, &e.Workspace, &e.Method, &e.Reason,
		&e.RequestID,
		&e.Count, &first, &last, &r.prev, &e.Hash)
	e.First, e.Last = moment(first), moment(last)
	return r, err
}
