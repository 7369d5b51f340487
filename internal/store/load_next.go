package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/windlass-io/windlass/internal/load"
)

// free is the condition that a queued load l needn't wait for another load of its
// dataset: it is a dry run, or none runs. A dry run and an upload don't make others
// wait: the first commits nothing, and uploads, which never queue, could follow each
// other without end.
const free = `(l.dry_run = 1 OR NOT EXISTS (SELECT 1 FROM load other WHERE other.workspace = l.workspace
	AND other.dataset = l.dataset AND other.ended_at = 0 AND other.state <> 'queued' AND other.dry_run = 0
	AND other.source <> '` + load.UploadSource + `'))`

// running counts the loads that run in each workspace, and those of them on node $2.
const running = `(SELECT workspace, COUNT(*) AS anywhere, SUM(CASE WHEN worker = $2 THEN 1 ELSE 0 END) AS here
	FROM load WHERE ended_at = 0 AND state <> 'queued' GROUP BY workspace)`

// order is the order of a dataset's loads, which is that of the index load_lane.
const (
	backfill = "CASE WHEN kind = 'backfill' THEN 1 ELSE 0 END"
	order    = backfill + ", id"
)

// nextLoad returns the load whose turn it is. id is empty if there is none. A
// workspace's backfills come after its other loads.
func nextLoad(ctx context.Context, tx *sql.Tx, claim *load.Claim) (workspace, id string, err error) {
	err = tx.QueryRowContext(ctx, `SELECT w.workspace, w.id
		FROM (SELECT workspace, COALESCE(MIN(CASE WHEN kind <> 'backfill' THEN id END), MIN(id)) AS id FROM load l
			WHERE ended_at = 0 AND state = 'queued' AND claimed_until <= $1 AND `+free+` GROUP BY workspace) w
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

// lane is the queue of a dataset's loads, or of its dry runs.
type lane struct {
	workspace, dataset string
	dryRun             int
}

func scanLane(row scanner) (l lane, err error) {
	err = row.Scan(&l.workspace, &l.dataset, &l.dryRun)
	return l, err
}

// nextUnlocked is nextLoad in PostgreSQL: it locks the load, and skips those that
// others have locked. It reads one load of each lane, however many wait.
func nextUnlocked(ctx context.Context, tx *sql.Tx, claim *load.Claim) (workspace, id string, err error) {
	rows, err := tx.QueryContext(ctx, `WITH RECURSIVE lane (workspace, dataset, dry_run) AS (
			(SELECT workspace, dataset, dry_run FROM load WHERE ended_at = 0 AND state = 'queued'
				ORDER BY workspace, dataset, dry_run LIMIT 1)
			UNION ALL
			SELECT n.workspace, n.dataset, n.dry_run FROM lane CROSS JOIN LATERAL (
				SELECT workspace, dataset, dry_run FROM load
				WHERE ended_at = 0 AND state = 'queued'
					AND (workspace, dataset, dry_run) > (lane.workspace, lane.dataset, lane.dry_run)
				ORDER BY workspace, dataset, dry_run LIMIT 1) n)
		SELECT l.workspace, l.dataset, l.dry_run FROM lane l
		CROSS JOIN LATERAL (SELECT id, `+backfill+` AS backfill FROM load
			WHERE workspace = l.workspace AND dataset = l.dataset AND dry_run = l.dry_run
				AND ended_at = 0 AND state = 'queued' AND claimed_until <= $1 ORDER BY `+order+` LIMIT 1) next
		LEFT JOIN `+running+` r ON r.workspace = l.workspace
		LEFT JOIN load_turn t ON t.workspace = l.workspace
		WHERE COALESCE(r.here, 0) < $3 AND `+free+`
		ORDER BY COALESCE(r.anywhere, 0), COALESCE(t.turn, 0), l.workspace, next.backfill, next.id LIMIT 100`,
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

// lockNext locks the next load of a lane. It returns nothing if another node has just
// taken one of the lane, because the lane's loads run one at a time.
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
		AND ended_at = 0 AND state = 'queued' AND claimed_until <= $4 AND `+free+` ORDER BY `+order+`
		LIMIT 1 FOR UPDATE SKIP LOCKED`, l.workspace, l.dataset, l.dryRun, micros(claim.Now)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, explain(err, "load to do")
}
