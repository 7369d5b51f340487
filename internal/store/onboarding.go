package store

import (
	"context"
	"database/sql"

	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/problem"
)

// OnboardedIntegration returns a workspace's integration that came from
// onboarding and isn't removed.
func (s *Store) OnboardedIntegration(ctx context.Context, workspace string) (id string, err error) {
	err = s.reader.QueryRowContext(ctx, `SELECT i.id FROM integration_onboarding o JOIN integration i ON i.id = o.integration
		WHERE o.workspace = $1 AND i.state <> 'removed'`, workspace).Scan(&id)
	return id, explain(err, "integration from onboarding")
}

// insertOnboarding records that an integration came from onboarding. If there
// is another one that isn't removed, the error is a problem with code
// conflict.
func insertOnboarding(ctx context.Context, tx *sql.Tx, made *integration.Integration) error {
	result, err := tx.ExecContext(ctx, `INSERT INTO integration_onboarding (workspace, integration) VALUES ($1, $2)
		ON CONFLICT (workspace) DO UPDATE SET integration = excluded.integration
		WHERE integration_onboarding.integration IN (SELECT id FROM integration WHERE state = 'removed')`,
		made.Workspace, made.ID)
	if err != nil {
		return explain(err, "integration %q", made.Name)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errOr(err, problem.New(problem.Conflict, "The workspace has an integration from onboarding."))
	}
	return nil
}
