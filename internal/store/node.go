package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/node"
)

// nodeLockID is the advisory lock under which nodes join a state in PostgreSQL.
const nodeLockID = 7_946_172_817

const nodeColumns = `id, name, version, address, rows_in, roles, started_at, seen_at, draining_at, ended_at,
	(SELECT COUNT(*) FROM load WHERE worker = node.id AND ended_at = 0 AND state <> 'queued')`

// clock is the database's clock as SQL, in microseconds since 1970.
func (s *Store) clock() string {
	if s.dialect == Postgres {
		return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
	}
	return "CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER)"
}

// JoinNode adds a node unless check refuses it.
func (s *Store) JoinNode(ctx context.Context, joining node.Node,
	check func(others []node.Node, now time.Time) error,
) error {
	return transact(ctx, s.writer, &sql.TxOptions{}, func(tx *sql.Tx) error {
		if s.dialect == Postgres {
			if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", nodeLockID); err != nil {
				return explain(err, "lock of the nodes")
			}
		}
		others, now, err := s.nodes(ctx, tx)
		if err != nil {
			return err
		}
		if err := check(others, now); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO node (id, name, version, address, rows_in, roles, started_at, seen_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $7)`, joining.ID, joining.Name, joining.Version, joining.Address,
			joining.Rows, strings.Join(joining.Roles, ","), micros(now))
		return explain(err, "node %s", joining.ID)
	})
}

// SeeNode records that a node lives. It returns the time, and whether it drains.
func (s *Store) SeeNode(ctx context.Context, id string) (draining bool, now time.Time, err error) {
	var since, at int64
	err = s.writer.QueryRowContext(ctx, "UPDATE node SET seen_at = "+s.clock()+
		" WHERE id = $1 RETURNING draining_at, seen_at", id).Scan(&since, &at)
	return since > 0, moment(at), explain(err, "node %s", id)
}

// LeaveNode records a node's end.
func (s *Store) LeaveNode(ctx context.Context, id string) error {
	query := "UPDATE node SET ended_at = " + s.clock() + " WHERE id = $1" //nolint:gosec // of constants
	result, err := s.writer.ExecContext(ctx, query, id)
	return changed(result, err, "node %s", id)
}

// Nodes returns all nodes, the newest first, and the time.
func (s *Store) Nodes(ctx context.Context) ([]node.Node, time.Time, error) {
	return s.nodes(ctx, s.reader)
}

func (s *Store) nodes(ctx context.Context, q querier) (all []node.Node, now time.Time, err error) {
	var at int64
	if err = q.QueryRowContext(ctx, "SELECT "+s.clock()).Scan(&at); err != nil {
		return nil, now, explain(err, "time")
	}
	rows, err := q.QueryContext(ctx, "SELECT "+nodeColumns+" FROM node ORDER BY started_at DESC, id DESC")
	if err != nil {
		return nil, now, explain(err, "nodes")
	}
	defer rows.Close()
	for rows.Next() {
		var n node.Node
		var roles string
		var started, seen, draining, ended int64
		if err := rows.Scan(&n.ID, &n.Name, &n.Version, &n.Address, &n.Rows, &roles, &started, &seen,
			&draining, &ended, &n.Loads); err != nil {
			return nil, now, explain(err, "nodes")
		}
		n.Roles = strings.Split(roles, ",")
		n.StartedAt, n.SeenAt, n.DrainingAt, n.EndedAt = moment(started), moment(seen), moment(draining), moment(ended)
		all = append(all, n)
	}
	return all, moment(at), explain(rows.Err(), "nodes")
}

// DrainNode starts or stops draining a node.
func (s *Store) DrainNode(ctx context.Context, id string, drain bool) error {
	since := "0"
	if drain {
		since = "CASE WHEN draining_at > 0 THEN draining_at ELSE " + s.clock() + " END"
	}
	query := "UPDATE node SET draining_at = " + since + " WHERE id = $1 AND ended_at = 0"
	result, err := s.writer.ExecContext(ctx, query, id)
	return changed(result, err, "node %s that has not ended", id)
}

// PruneNodes deletes the nodes that were last seen this long ago.
func (s *Store) PruneNodes(ctx context.Context, age time.Duration) error {
	query := "DELETE FROM node WHERE seen_at < " + s.clock() + " - $1" //nolint:gosec // of constants
	_, err := s.writer.ExecContext(ctx, query, age.Microseconds())
	return explain(err, "nodes")
}
