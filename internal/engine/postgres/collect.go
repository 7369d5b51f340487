package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/windlass-io/windlass/internal/telemetry"
)

// collectEvery is the interval between searches for retired rows.
const collectEvery = time.Minute

// collector removes retired rows in the background.
type collector struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func (c *collector) start(ctx context.Context, e *Engine) {
	ctx, c.cancel = context.WithCancel(context.WithoutCancel(ctx))
	c.done.Go(func() {
		ticker := time.NewTicker(collectEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			if err := e.Collect(ctx); err != nil && ctx.Err() == nil {
				e.config.Logger.WarnContext(ctx, telemetry.RowsNotRemoved, "cause", err)
			}
		}
	})
}

func (c *collector) stop() {
	if c.cancel != nil {
		c.cancel()
		c.done.Wait()
	}
}

// retirement is a version that retired rows or a table.
type retirement struct {
	Dataset, Retired string
	Version          int64
}

// Collect removes rows and tables that were retired some time ago and that no read
// needs. Several nodes may call it concurrently.
func (e *Engine) Collect(ctx context.Context) error {
	if err := e.notePublished(ctx); err != nil {
		return err
	}
	rows, err := e.pool.Query(ctx, "SELECT dataset, retired, version FROM "+e.table("version")+
		" v WHERE published < now() - $1::interval AND NOT EXISTS (SELECT FROM "+e.table("pin")+
		" p WHERE p.dataset = v.dataset AND p.version < v.version AND p.until > now()) ORDER BY dataset, version LIMIT 1000", grace)
	if err != nil {
		return unavailable(err, "looking for retired rows")
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[retirement])
	if err != nil {
		return unavailable(err, "looking for retired rows")
	}
	for i := range list {
		if err := e.collectOne(ctx, &list[i]); err != nil {
			return unavailable(err, "removing retired rows of dataset %s", list[i].Dataset)
		}
	}
	_, err = e.pool.Exec(ctx, "DELETE FROM "+e.table("pin")+" WHERE until < now()")
	return unavailable(err, "removing old pins")
}

// notePublished records which versions the state names. The time limit of
// readers begins then.
func (e *Engine) notePublished(ctx context.Context) error {
	rows, err := e.pool.Query(ctx, "SELECT DISTINCT dataset FROM "+e.table("version")+" WHERE published IS NULL")
	if err != nil {
		return unavailable(err, "looking for versions")
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return unavailable(err, "looking for versions")
	}
	for _, datasetID := range ids {
		s, err := e.acquire(ctx, datasetID)
		if err != nil {
			return err
		}
		if s.Version == 0 { // it was dropped
			if err := e.retireAll(ctx, datasetID); err != nil {
				return unavailable(err, "noting versions of dataset %s", datasetID)
			}
			continue
		}
		_, err = e.pool.Exec(ctx, "UPDATE "+e.table("version")+
			" SET published = now() WHERE dataset = $1 AND version <= $2 AND published IS NULL", datasetID, s.Version)
		if err != nil {
			return unavailable(err, "noting versions of dataset %s", datasetID)
		}
	}
	return nil
}

// collectOne removes the rows or the table that a version retired, unless
// another node is doing it.
func (e *Engine) collectOne(ctx context.Context, r *retirement) error {
	last, err := e.acquire(ctx, r.Dataset)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, e.pool, func(tx pgx.Tx) error {
		var version int64
		err := tx.QueryRow(ctx, "SELECT version FROM "+e.table("version")+
			" WHERE dataset = $1 AND version = $2 FOR UPDATE SKIP LOCKED", r.Dataset, r.Version).Scan(&version)
		if err != nil {
			return ignoreNone(err)
		}
		switch {
		case r.Retired != "" && r.Retired != last.table:
			_, err = tx.Exec(ctx, "DROP TABLE IF EXISTS "+e.table(r.Retired))
		case last.table != "":
			_, err = tx.Exec(ctx, "DELETE FROM "+e.table(last.table)+" WHERE _to <= $1", r.Version)
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "DELETE FROM "+e.table("version")+" WHERE dataset = $1 AND version = $2", r.Dataset,
			r.Version)
		return err
	})
}

func ignoreNone(err error) error {
	if err == pgx.ErrNoRows { //nolint:errorlint // Scan returns it unwrapped
		return nil
	}
	return err
}
