package store

import (
	"context"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/token"
)

// IntegrationDependents returns what stops without an integration: its sources,
// the datasets that they were loaded into, and its grants.
func (s *Store) IntegrationDependents(ctx context.Context, workspace, integrationID string) ([]impact.Stop, error) {
	sources, err := s.stops(
		ctx,
		"source",
		`SELECT id, name FROM source WHERE workspace = $1 AND integration = $2 ORDER BY id`,
		workspace,
		integrationID,
	)
	if err != nil {
		return nil, err
	}
	datasets, err := s.stops(
		ctx,
		"dataset",
		`SELECT id, name FROM dataset WHERE workspace = $1 AND removed_at = 0 AND id IN (
		SELECT l.dataset_id FROM load l JOIN source s ON s.id = l.source AND s.workspace = l.workspace
		WHERE l.workspace = $1 AND s.integration = $2 AND l.state = 'loaded' AND l.dry_run = 0) ORDER BY folded`,
		workspace,
		integrationID,
	)
	if err != nil {
		return nil, err
	}
	grants, err := s.VendingDependents(ctx, workspace, integrationID)
	return slices.Concat(sources, datasets, grants), err
}

// VendingDependents returns the grants through an integration that aren't
// revoked.
func (s *Store) VendingDependents(ctx context.Context, workspace, integrationID string) ([]impact.Stop, error) {
	return s.stops(ctx, "grant", `SELECT id, name FROM vending_grant
		WHERE workspace = $1 AND integration = $2 AND revoked_at = 0 ORDER BY id`, workspace, integrationID)
}

// ProviderDependents returns a provider's grants that aren't revoked.
func (s *Store) ProviderDependents(ctx context.Context, workspace, providerID string) ([]impact.Stop, error) {
	return s.stops(ctx, "grant", `SELECT id, name FROM vending_grant
		WHERE workspace = $1 AND provider = $2 AND revoked_at = 0 ORDER BY id`, workspace, providerID)
}

// CredentialDependents returns the sources that use an access key.
func (s *Store) CredentialDependents(ctx context.Context, workspace, credentialID string) ([]impact.Stop, error) {
	return s.stops(ctx, "source", `SELECT id, name FROM source WHERE workspace = $1 AND credential = $2 ORDER BY id`,
		workspace, credentialID)
}

// SourceDependents returns a source's schedules, and its loads that haven't ended,
// each named after the dataset that it fills.
func (s *Store) SourceDependents(ctx context.Context, workspace, sourceID string) ([]impact.Stop, error) {
	schedules, err := s.stops(
		ctx,
		"schedule",
		`SELECT id, name FROM schedule WHERE workspace = $1 AND source = $2 ORDER BY id`,
		workspace,
		sourceID,
	)
	if err != nil {
		return nil, err
	}
	loads, err := s.stops(
		ctx,
		"load",
		`SELECT id, dataset FROM load WHERE workspace = $1 AND source = $2 AND ended_at = 0 ORDER BY id`,
		workspace,
		sourceID,
	)
	return append(schedules, loads...), err
}

// DatasetDependents returns what stops without a dataset or view: the tokens that
// name it in a scope, the schedules that load into it, the views that name it, and
// its loads that haven't ended.
func (s *Store) DatasetDependents(ctx context.Context, workspace, datasetID string,
	now time.Time,
) ([]impact.Stop, error) {
	rows, err := s.reader.QueryContext(ctx, tokenQuery+`WHERE t.workspace = $1 AND t.revoked_at = 0
		AND (t.expires_at = 0 OR t.expires_at > $2) ORDER BY t.id`, workspace, micros(now))
	tokens, err := collect(rows, err, scanToken)
	if err != nil {
		return nil, explain(err, "tokens of dataset %s", datasetID)
	}
	var stops []impact.Stop
	for _, t := range tokens {
		if slices.ContainsFunc(t.Scopes, func(scope access.Scope) bool { return scope.Dataset == datasetID }) {
			stops = append(stops, tokenStop(&t))
		}
	}
	schedules, err := s.stops(ctx, "schedule", `SELECT id, name FROM schedule WHERE workspace = $1 AND paused = 0
		AND folded = (SELECT folded FROM dataset WHERE id = $2) ORDER BY id`, workspace, datasetID)
	if err != nil {
		return nil, err
	}
	stops = append(stops, schedules...)
	views, err := s.stops(ctx, "view", `SELECT d.id, d.name FROM view_table t JOIN dataset d ON d.id = t.view
		WHERE d.workspace = $1 AND t.table_id = $2 ORDER BY d.id`, workspace, datasetID)
	if err != nil {
		return nil, err
	}
	stops = append(stops, views...)
	loads, err := s.stops(
		ctx,
		"load",
		`SELECT id, dataset FROM load WHERE workspace = $1 AND dataset_id = $2 AND ended_at = 0 ORDER BY id`,
		workspace,
		datasetID,
	)
	return append(stops, loads...), err
}

// MemberTokens returns the tokens that a member has created and that are
// neither revoked nor expired, oldest first.
func (s *Store) MemberTokens(ctx context.Context, workspace, member string, now time.Time) ([]impact.Stop, error) {
	return s.tokenStops(ctx, "t.workspace = $1 AND t.member = $2", workspace, member, now)
}

// TokenFamily returns a token and those that it created, without those that are
// revoked or expired, oldest first.
func (s *Store) TokenFamily(ctx context.Context, workspace, id string, now time.Time) ([]impact.Stop, error) {
	return s.tokenStops(ctx, `t.id IN (WITH RECURSIVE family (id) AS (
		SELECT id FROM token WHERE workspace = $1 AND id = $2
		UNION SELECT t.id FROM token t JOIN family f ON t.parent = f.id WHERE t.workspace = $1) SELECT id FROM family)`,
		workspace, id, now)
}

func (s *Store) tokenStops(ctx context.Context, where, workspace, id string, now time.Time) ([]impact.Stop, error) {
	rows, err := s.reader.QueryContext(ctx, tokenQuery+"WHERE "+where+` AND t.revoked_at = 0
		AND (t.expires_at = 0 OR t.expires_at > $3) ORDER BY t.id`, workspace, id, micros(now))
	tokens, err := collect(rows, err, scanToken)
	if err != nil {
		return nil, explain(err, "tokens")
	}
	stops := make([]impact.Stop, len(tokens))
	for n := range tokens {
		stops[n] = tokenStop(&tokens[n])
	}
	return stops, nil
}

func tokenStop(t *token.Token) impact.Stop {
	return impact.Stop{Kind: "token", ID: t.ID, Name: t.Name, LastUsed: t.UsedAt}
}

// stops runs a query for the ID and the name of things of one kind.
func (s *Store) stops(ctx context.Context, kind, query string, args ...any) ([]impact.Stop, error) {
	rows, err := s.reader.QueryContext(ctx, query, args...)
	found, err := collect(rows, err, func(row scanner) (impact.Stop, error) {
		stop := impact.Stop{Kind: kind}
		err := row.Scan(&stop.ID, &stop.Name)
		return stop, err
	})
	return found, explain(err, "what stops")
}
