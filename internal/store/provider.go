package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

const providerColumns = `id, workspace, name, kind, issuer, jwks_url, audience, algorithms, max_age_seconds, shared, organization,
	claims, guards, version, created_at, removed_at, multiple_audiences`

// InsertProvider stores a new provider.
func (s *Store) InsertProvider(ctx context.Context, made provider.Provider) error {
	values, err := providerValues(&made)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO provider ("+providerColumns+
			")\n\t\tVALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)", values...)
		return explain(err, "provider %q", made.Name)
	})
}

// Provider finds one of a workspace that is not removed, by its ID or name.
func (s *Store) Provider(ctx context.Context, workspace, idOrName string) (provider.Provider, error) {
	column := "name"
	if id.Has(idOrName, "prv") {
		column = "id"
	}
	row := s.reader.QueryRowContext(ctx, "SELECT "+providerColumns+" FROM provider WHERE workspace = $1 AND "+column+
		" = $2 AND removed_at = 0", workspace, idOrName)
	found, err := scanProvider(row)
	return found, explain(err, "provider %q", idOrName)
}

// ProvidersOf returns those of an issuer that are not removed, of every
// workspace.
func (s *Store) ProvidersOf(ctx context.Context, issuer string) ([]provider.Provider, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT "+providerColumns+
		" FROM provider WHERE issuer = $1 AND removed_at = 0 ORDER BY id", issuer)
	found, err := collect(rows, err, scanProvider)
	return found, explain(err, "providers of an issuer")
}

// ListProviders returns a workspace's providers that are not removed, oldest
// first.
func (s *Store) ListProviders(ctx context.Context, workspace string,
	request paging.Request,
) (paging.List[provider.Provider], error) {
	after, limit, err := request.Start("provider")
	if err != nil {
		return paging.List[provider.Provider]{}, err
	}
	rows, err := s.reader.QueryContext(ctx, "SELECT "+providerColumns+
		" FROM provider WHERE workspace = $1 AND id > $2 AND removed_at = 0 ORDER BY id LIMIT $3", workspace, after,
		limit+1)
	found, err := collect(rows, err, scanProvider)
	if err != nil {
		return paging.List[provider.Provider]{}, explain(err, "providers")
	}
	return paging.Cut("provider", found, limit, func(p provider.Provider) string { return p.ID }), nil
}

// CountProviders counts a workspace's providers that are not removed.
func (s *Store) CountProviders(ctx context.Context, workspace string) (int, error) {
	var n int
	err := s.reader.QueryRowContext(ctx, "SELECT count(*) FROM provider WHERE workspace = $1 AND removed_at = 0",
		workspace).Scan(&n)
	return n, explain(err, "providers of workspace %s", workspace)
}

// SaveProvider replaces the provider whose version is one less.
func (s *Store) SaveProvider(ctx context.Context, p provider.Provider) error {
	values, err := providerValues(&p)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE provider SET
			name = $3, kind = $4, issuer = $5, jwks_url = $6, audience = $7, algorithms = $8, max_age_seconds = $9,
				shared = $10, organization = $11,
			claims = $12, guards = $13, version = $14, created_at = $15, removed_at = $16, multiple_audiences = $17
			WHERE id = $1 AND workspace = $2 AND version = $14 - 1`, values...)
		return unchanged(result, err, "provider", p.Name)
	})
}

func providerValues(p *provider.Provider) ([]any, error) {
	algorithms, err1 := text(p.Algorithms)
	claims, err2 := text(p.Claims)
	guards, err3 := text(p.Guards)
	return []any{
		p.ID, p.Workspace, p.Name, string(p.Kind), p.Issuer, p.JWKSURL, p.Audience, algorithms,
		int64(p.MaxAge / time.Second), flag(p.Shared), p.Organization,
		claims, guards, p.Version, micros(p.CreatedAt), micros(p.RemovedAt), flag(p.MultipleAudiences),
	}, errors.Join(err1, err2, err3)
}

func scanProvider(row scanner) (provider.Provider, error) {
	var p provider.Provider
	var algorithms, claims, guards string
	var seconds, created, removed int64
	err := row.Scan(&p.ID, &p.Workspace, &p.Name, &p.Kind, &p.Issuer, &p.JWKSURL, &p.Audience, &algorithms, &seconds,
		&p.Shared, &p.Organization,
		&claims, &guards, &p.Version, &created, &removed, &p.MultipleAudiences)
	if err != nil {
		return provider.Provider{}, err
	}
	p.MaxAge = time.Duration(seconds) * time.Second
	p.CreatedAt, p.RemovedAt = moment(created), moment(removed)
	return p, errors.Join(parse(algorithms, &p.Algorithms), parse(claims, &p.Claims), parse(guards, &p.Guards))
}
