package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/windlass-io/windlass/internal/load"
)

// free returns the condition that a queued load l needn't wait for another load of its
// dataset: it is a dry run, or none runs. A dry run, an upload and, for loads that aren't
// backfills, a backfill don't make others wait: the first commits nothing, uploads, which
// never queue, could follow each other without end, and new objects go before old ones.
// isBackfill is an expression for whether l is a backfill, 0 or 1.
func free(isBackfill string) string {
	return `(l.dry_run = 1 OR NOT EXISTS (SELECT 1 FROM load other WHERE other.workspace = l.workspace
		AND other.dataset = l.dataset AND other.ended_at = 0 AND other.state <> 'queued' AND other.dry_run = 0
		AND other.source <> '` + load.UploadSource + `' AND (other.kind <> 'backfill' OR ` + isBackfill + ` = 1)))`
}

// running counts the loads that run in each workspace, and those of them on node $2.
const running = `(SELECT workspace, COUNT(*) AS anywhere, SUM(CASE WHEN worker = $2 THEN 1 ELSE 0 END) AS here
	FROM load WHERE ended_at = 0 AND state <> 'queued' GROUP BY workspace)`

// backfill is 1 for a backfill, and 0 for other loads. backfillOf is that of load l.
const (
	backfill   = "CASE WHEN kind = 'backfill' THEN 1 ELSE 0 END"
	backfillOf = "CASE WHEN l.kind = 'backfill' THEN 1 ELSE 0 END"
)

// nextLoad returns the load whose turn it is. id is empty if there is none. A
// workspace's backfills come after its other loads.
func nextLoad(ctx context.Context, tx *sql.Tx, claim *load.Claim) (workspace, id string, err error) {
	err = tx.QueryRowContext(ctx, `SELECT w.workspace, w.id
		FROM (SELECT workspace, COALESCE(MIN(CASE WHEN kind <> 'backfill' THEN id END), MIN(id)) AS id FROM load l
			WHERE ended_at = 0 AND state = 'queued' AND claimed_until <= $1 AND `+free(backfillOf)+` GROUP BY workspace) w
		LEFT JOIN `+running+` r ON r.workspace = w.workspace
		LEFT JOIN load_turn t ON t.workspace = w.workspace
		WHERE COALESCE(r.here, 0) < $3
		ORDER BY COALESCE(r.anywhere, 0), COALESCE(t.turn, 0), w.id LIMIT 1`, micros(claim.Now), claim.Worker,
		claim.PerWorkspace).Scan(&workspace, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", nil
	}
	return workspace, id, explain(err, "load to do")
}

// lane is the queue of a dataset's loads, of its backfills, or of its dry runs.
type lane struct {
	workspace, dataset string
	dryRun, backfill   int
}

func scanLane(row scanner) (l lane, err error) {
	err = row.Scan(&l.workspace, &l.dataset, &l.dryRun, &l.backfill)
	return l, err
}

// nextUnlocked is nextLoad in PostgreSQL: it locks the load, and skips those that
// others have locked. It reads one load of each lane, however many wait.
func nextUnlocked(ctx context.Context, tx *sql.Tx, claim *load.Claim) (workspace, id string, err error) {
	const columns = "workspace, dataset, dry_run, " + backfill
	//nolint:gosec // G202: all parts are constants of this file
	rows, err := tx.QueryContext(ctx, `WITH RECURSIVE lane (workspace, dataset, dry_run, backfill) AS (
			(SELECT `+columns+` FROM load WHERE ended_at = 0 AND state = 'queued' ORDER BY `+columns+` LIMIT 1)
			UNION ALL
			SELECT n.* FROM lane CROSS JOIN LATERAL (SELECT `+columns+` FROM load
				WHERE ended_at = 0 AND state = 'queued'
					AND (`+columns+`) > (lane.workspace, lane.dataset, lane.dry_run, lane.backfill)
				ORDER BY `+columns+` LIMIT 1) n)
		SELECT l.workspace, l.dataset, l.dry_run, l.backfill FROM lane l
		CROSS JOIN LATERAL (SELECT id FROM load
			WHERE workspace = l.workspace AND dataset = l.dataset AND dry_run = l.dry_run AND `+backfill+` = l.backfill
				AND ended_at = 0 AND state = 'queued' AND claimed_until <= $1 ORDER BY id LIMIT 1) next
		LEFT JOIN `+running+` r ON r.workspace = l.workspace
		LEFT JOIN load_turn t ON t.workspace = l.workspace
		WHERE COALESCE(r.here, 0) < $3 AND `+free("l.backfill")+`
		ORDER BY COALESCE(r.anywhere, 0), COALESCE(t.turn, 0), l.workspace, l.backfill, next.id LIMIT 100`,
		micros(claim.Now), claim.Worker, claim.PerWorkspace)
	waiting, err := collect(rows, err, scanLane)
	if err != nil {
		return "", "", explain(err, "load to do")
	}
	for _, l := range waiting {
		if id, err = lockNext(ctx, tx, l, claim); err != nil || id != "" {
			return l.workspace, id, err
		}
	}
	return "", "", nil
}

// lockNext locks the next load of a lane. It returns nothing if another node is just
// taking one of the dataset, because they run one at a time.
func lockNext(ctx context.Context, tx *sql.Tx, l lane, claim *load.Claim) (id string, err error) {
	if l.dryRun == 0 {
		locked := false
		err := tx.QueryRowContext(ctx, "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))",
			"load "+l.workspace+" "+l.dataset).Scan(&locked)
		if err != nil || !locked {
			return "", explain(err, "loads of dataset %q", l.dataset)
		}
	}
	err = tx.QueryRowContext(ctx, `SELECT id FROM load l WHERE workspace = $1 AND dataset = $2 AND dry_run = $3
		AND `+backfill+` = $4 AND ended_at = 0 AND state = 'queued' AND claimed_until <= $5 AND `+free(backfillOf)+`
		ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED`, l.workspace, l.dataset, l.dryRun, l.backfill,
		micros(claim.Now)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, explain(err, "load to do")
}
