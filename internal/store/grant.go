package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending/grant"
)

const grantColumns = `id, workspace, name, provider, integration, conditions, bucket, prefixes, actions, max_duration_seconds, exchanges,
	not_before, not_after, allow_forks, allow_ssh_reruns, allow_pull_requests, users, tags, version, created_at,
		revoked_at`

// InsertGrant stores a new grant.
func (s *Store) InsertGrant(ctx context.Context, made grant.Grant) error {
	values, err := grantValues(&made)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO vending_grant ("+grantColumns+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
			values...)
		return explain(err, "grant %q", made.Name)
	})
}

// Grant returns a grant of a workspace by its ID, or one that isn't revoked
// by its name.
func (s *Store) Grant(ctx context.Context, workspace, idOrName string) (grant.Grant, error) {
	which := "name = $2 AND revoked_at = 0"
	if id.Has(idOrName, "grt") {
		which = "id = $2"
	}
	found, err := scanGrant(s.reader.QueryRowContext(ctx, "SELECT "+grantColumns+
		" FROM vending_grant WHERE workspace = $1 AND "+which, workspace, idOrName))
	return found, explain(err, "grant %q", idOrName)
}

// GrantsOf returns a provider's grants that are not revoked, oldest first.
func (s *Store) GrantsOf(ctx context.Context, workspace, providerID string) ([]grant.Grant, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT "+grantColumns+
		" FROM vending_grant WHERE workspace = $1 AND provider = $2 AND revoked_at = 0 ORDER BY id", workspace,
		providerID)
	found, err := collect(rows, err, scanGrant)
	return found, explain(err, "grants of provider %s", providerID)
}

// ListGrants returns a workspace's grants that are not revoked, oldest first.
func (s *Store) ListGrants(ctx context.Context, workspace string,
	request paging.Request,
) (paging.List[grant.Grant], error) {
	after, limit, err := request.Start("grant")
	if err != nil {
		return paging.List[grant.Grant]{}, err
	}
	rows, err := s.reader.QueryContext(ctx, "SELECT "+grantColumns+
		" FROM vending_grant WHERE workspace = $1 AND id > $2 AND revoked_at = 0 ORDER BY id LIMIT $3", workspace,
		after, limit+1)
	found, err := collect(rows, err, scanGrant)
	if err != nil {
		return paging.List[grant.Grant]{}, explain(err, "grants")
	}
	return paging.Cut("grant", found, limit, func(g grant.Grant) string { return g.ID }), nil
}

// CountGrants counts a workspace's grants that are not revoked.
func (s *Store) CountGrants(ctx context.Context, workspace string) (int, error) {
	var n int
	err := s.reader.QueryRowContext(ctx, "SELECT count(*) FROM vending_grant WHERE workspace = $1 AND revoked_at = 0",
		workspace).Scan(&n)
	return n, explain(err, "grants of workspace %s", workspace)
}

// SaveGrant replaces the grant whose version is one less.
func (s *Store) SaveGrant(ctx context.Context, g grant.Grant) error {
	values, err := grantValues(&g)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE vending_grant SET
			name = $3, provider = $4, integration = $5, conditions = $6, bucket = $7, prefixes = $8, actions = $9,
				max_duration_seconds = $10, exchanges = $11,
			not_before = $12, not_after = $13, allow_forks = $14, allow_ssh_reruns = $15, allow_pull_requests = $16,
				users = $17, tags = $18,
			version = $19, created_at = $20, revoked_at = $21
			WHERE id = $1 AND workspace = $2 AND version = $19 - 1`, values...)
		return unchanged(result, err, "grant", g.Name)
	})
}

// unchanged returns a problem with code conflict if no row had the version to
// replace.
func unchanged(result sql.Result, err error, kind, name string) error {
	if err != nil {
		return explain(err, "%s %q", kind, name)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return problem.Wrap(err, problem.Conflict, "The %s %q was changed by somebody else at the same time.", kind,
			name).
			WithHint("Read it again, and repeat your change if you still need it.")
	}
	return nil
}

func grantValues(g *grant.Grant) ([]any, error) {
	var faults []error
	list := func(v any) string {
		kept, err := text(v)
		faults = append(faults, err)
		return kept
	}
	return []any{
		g.ID, g.Workspace, g.Name, g.Provider, g.Integration, list(g.Conditions), g.Bucket, list(g.Prefixes),
		list(g.Actions), int64(g.MaxDuration / time.Second), int64(g.Exchanges),
		micros(g.NotBefore), micros(g.NotAfter), flag(g.AllowForks), flag(g.AllowSSHReruns), flag(g.AllowPullRequests),
		list(g.Users), list(g.Tags),
		g.Version, micros(g.CreatedAt), micros(g.RevokedAt),
	}, errors.Join(faults...)
}

func scanGrant(row scanner) (grant.Grant, error) {
	var g grant.Grant
	var conditions, prefixes, actions, users, tags string
	var seconds, before, after, created, revoked int64
	err := row.Scan(&g.ID, &g.Workspace, &g.Name, &g.Provider, &g.Integration, &conditions, &g.Bucket, &prefixes,
		&actions, &seconds, &g.Exchanges,
		&before, &after, &g.AllowForks, &g.AllowSSHReruns, &g.AllowPullRequests, &users, &tags, &g.Version, &created,
		&revoked)
	if err != nil {
		return grant.Grant{}, err
	}
	g.MaxDuration = time.Duration(seconds) * time.Second
	g.NotBefore, g.NotAfter, g.CreatedAt, g.RevokedAt = moment(before), moment(after), moment(created), moment(revoked)
	return g, errors.Join(parse(conditions, &g.Conditions), parse(prefixes, &g.Prefixes), parse(actions, &g.Actions),
		parse(users, &g.Users), parse(tags, &g.Tags))
}
