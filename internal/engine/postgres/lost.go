package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/windlass-io/windlass/internal/telemetry"
)

// A node that is stopped or cut off keeps its connections open, and with them the lock
// of a load that another node has taken over since. The other node then closes these
// connections, so that the first node can't commit the load.
const (
	application = "windlass " // prefix of a node's ID in the name of its connections
	lockWait    = "'2s'"      // how long a load waits for another one before it checks whose that is
)

// name adds the node's ID to the name of connections for loads.
func (e *Engine) name(config *pgx.ConnConfig) {
	if e.config.Node != "" {
		config.RuntimeParams["application_name"] = application + e.config.Node
	}
}

// limitIdle makes the server end transactions whose node has become silent.
func limitIdle(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "SET idle_in_transaction_session_timeout = '60s'")
	return err
}

// endLost closes the connection that has an advisory lock if its node is lost.
func (e *Engine) endLost(ctx context.Context, key string) error {
	if e.config.Lost == nil {
		return nil
	}
	var pid int32
	var holder string
	err := e.pool.QueryRow(ctx, `SELECT a.pid, a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND a.datname = current_database()
			AND l.database = a.datid AND (l.classid::bigint << 32) | l.objid::bigint = `+key).
		Scan(&pid, &holder)
	if err != nil {
		return ignoreNone(err) // it has just been released
	}
	node, ours := strings.CutPrefix(holder, application)
	if !ours {
		return nil
	}
	lost, err := e.config.Lost(ctx, node)
	if err != nil || !lost {
		return err
	}
	e.config.Logger.WarnContext(ctx, telemetry.LockTaken, "from", node)
	if _, err := e.pool.Exec(ctx, "SELECT pg_terminate_backend($1)", pid); err != nil {
		return fmt.Errorf("closing the connection of the lost node %s: %w", node, err)
	}
	return nil
}
