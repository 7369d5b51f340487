package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/backup/timer"
)

// LastBackupRun returns the run of the newest fire time before a time, or nil if
// there is none.
func (s *Store) LastBackupRun(ctx context.Context, before time.Time) (*timer.Run, error) {
	var run timer.Run
	var fire, started, until, ended int64
	err := s.reader.QueryRowContext(ctx, `SELECT fire_at, node, attempts, started_at, until, ended_at
		FROM backup_run WHERE fire_at < $1 ORDER BY fire_at DESC LIMIT 1`, micros(before)).
		Scan(&fire, &run.Node, &run.Attempts, &started, &until, &ended)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // there is no run yet
	}
	run.FireAt, run.StartedAt, run.Until, run.EndedAt = moment(fire), moment(started), moment(until), moment(ended)
	return &run, explain(err, "backup runs")
}

// ClaimBackup assigns the run of a fire time to a node until a time. It returns false
// if another node has it or it has ended.
func (s *Store) ClaimBackup(ctx context.Context, fire time.Time, node string, now, until time.Time) (bool, error) {
	result, err := s.writer.ExecContext(ctx, `INSERT INTO backup_run (fire_at, node, attempts, started_at, until)
		VALUES ($1, $2, 1, $3, $4) ON CONFLICT (fire_at) DO UPDATE SET node = excluded.node,
		attempts = backup_run.attempts + 1, started_at = excluded.started_at, until = excluded.until
		WHERE backup_run.ended_at = 0 AND backup_run.until <= $3`, micros(fire), node, micros(now), micros(until))
	if err != nil {
		return false, explain(err, "backup run")
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// KeepBackup extends the run of a fire time. It returns false if the node no
// longer has it.
func (s *Store) KeepBackup(ctx context.Context, fire time.Time, node string, until time.Time) (bool, error) {
	result, err := s.writer.ExecContext(ctx, `UPDATE backup_run SET until = $3
		WHERE fire_at = $1 AND node = $2 AND ended_at = 0`, micros(fire), node, micros(until))
	if err != nil {
		return false, explain(err, "backup run")
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// EndBackup stores how an attempt at a run ended. If run.EndedAt is zero, it is tried
// again after run.Until. EndBackup deletes old runs.
func (s *Store) EndBackup(ctx context.Context, run *timer.Run) error {
	_, err := s.writer.ExecContext(ctx, `UPDATE backup_run SET until = $3, ended_at = $4, attempts = $5
		WHERE fire_at = $1 AND node = $2 AND ended_at = 0`, micros(run.FireAt), run.Node, micros(run.Until),
		micros(run.EndedAt), run.Attempts)
	if err == nil {
		_, err = s.writer.ExecContext(ctx, "DELETE FROM backup_run WHERE fire_at < $1",
			micros(run.FireAt.Add(-timer.KeepFor)))
	}
	return explain(err, "backup run")
}
