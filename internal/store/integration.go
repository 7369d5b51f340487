package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/paging"
)

const integrationColumns = `id, workspace, name, state, reason, external_id, next_external_id, principal_arn, role_arn,
	locations, access, region, endpoint, requester_pays, kms_key_arns, session_seconds,
	revision, version, created_at, edited_at, verified_at, removed_at, webhook_url, vending,
	parts, read_revision, previous_external_id`

// InsertIntegration stores a new integration. It keeps the External ID
// permanently, so that it is never reused.
func (s *Store) InsertIntegration(ctx context.Context, made integration.Integration) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		if err := insertIntegration(ctx, tx, &made); err != nil {
			return err
		}
		if made.Onboarded {
			if err := insertOnboarding(ctx, tx, &made); err != nil {
				return err
			}
		}
		return insertExternalID(ctx, tx, made.ExternalID, made.ID, made.CreatedAt)
	})
}

// Integration returns one integration of a workspace, the removed ones too.
func (s *Store) Integration(ctx context.Context, workspace, id string) (integration.Integration, error) {
	row := s.reader.QueryRowContext(ctx, "SELECT "+integrationColumns+
		" FROM integration WHERE workspace = $1 AND id = $2", workspace, id)
	found, err := scanIntegration(row)
	return found, explain(err, "integration %s", id)
}

// IntegrationByName finds one of a workspace that is not removed.
func (s *Store) IntegrationByName(ctx context.Context, workspace, name string) (integration.Integration, error) {
	row := s.reader.QueryRowContext(ctx, "SELECT "+integrationColumns+
		" FROM integration WHERE workspace = $1 AND name = $2 AND state <> 'removed'", workspace, name)
	found, err := scanIntegration(row)
	return found, explain(err, "integration %q", name)
}

// ListIntegrations returns those of a workspace that are not removed, oldest
// first.
func (s *Store) ListIntegrations(ctx context.Context, workspace string,
	request paging.Request,
) (paging.List[integration.Integration], error) {
	after, limit, err := request.Start("integration")
	if err != nil {
		return paging.List[integration.Integration]{}, err
	}
	found, err := queryIntegrations(ctx, s.reader,
		"workspace = $1 AND id > $2 AND state <> 'removed' ORDER BY id LIMIT $3", workspace, after, limit+1)
	if err != nil {
		return paging.List[integration.Integration]{}, err
	}
	return paging.Cut("integration", found, limit, func(i integration.Integration) string { return i.ID }), nil
}

// RemovedIntegrations returns those of a workspace that were removed after a time,
// the last one first, at most limit.
func (s *Store) RemovedIntegrations(ctx context.Context, workspace string, after time.Time,
	limit int,
) ([]integration.Integration, error) {
	return queryIntegrations(ctx, s.reader, `workspace = $1 AND state = 'removed' AND removed_at > $2
		ORDER BY removed_at DESC, id DESC LIMIT $3`, workspace, micros(after), limit)
}

// CountIntegrations counts those of a workspace that are not removed.
func (s *Store) CountIntegrations(ctx context.Context, workspace string) (int, error) {
	var n int
	err := s.reader.QueryRowContext(ctx, "SELECT count(*) FROM integration WHERE workspace = $1 AND state <> 'removed'",
		workspace).Scan(&n)
	return n, explain(err, "integrations of workspace %s", workspace)
}

// SaveIntegration replaces the integration whose version is one less, and
// permanently stores a new External ID.
func (s *Store) SaveIntegration(ctx context.Context, changed integration.Integration, now time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		before, err := queryIntegrations(ctx, tx, "id = $1 AND workspace = $2", changed.ID, changed.Workspace)
		if err != nil {
			return err
		}
		if err := updateIntegration(ctx, tx, &changed); err != nil {
			return err
		}
		for i := range before {
			if err := announceIntegration(ctx, tx, &before[i], &changed, now); err != nil {
				return err
			}
		}
		if changed.NextExternalID == "" {
			return nil
		}
		var owner string
		err = tx.QueryRowContext(ctx, "SELECT integration FROM external_id WHERE external_id = $1",
			string(changed.NextExternalID)).Scan(&owner)
		if errors.Is(err, sql.ErrNoRows) {
			return insertExternalID(ctx, tx, changed.NextExternalID, changed.ID, changed.EditedAt)
		}
		if err == nil && owner != changed.ID {
			return fmt.Errorf("keeping the External ID of %s: it is another's", changed.ID)
		}
		return explain(err, "External ID of %s", changed.ID)
	})
}

// ExpireIntegrations removes reservations that were created before a time,
// and returns them.
func (s *Store) ExpireIntegrations(ctx context.Context, before, now time.Time) ([]integration.Integration, error) {
	var expired []integration.Integration
	err := s.update(ctx, func(tx *sql.Tx) error {
		var err error
		expired, err = queryIntegrations(ctx, tx, "state = 'reserved' AND created_at < $1 ORDER BY id", micros(before))
		if err != nil || len(expired) == 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE integration SET state = 'removed',
			reason = 'No role was given within 48 hours.', removed_at = $1, version = version + 1
			WHERE state = 'reserved' AND created_at < $2`, micros(now), micros(before))
		return explain(err, "reservations")
	})
	return expired, err
}

func insertIntegration(ctx context.Context, tx *sql.Tx, i *integration.Integration) error {
	values, err := integrationValues(i)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO integration ("+integrationColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
			$23, $24, $25, $26, $27)`, values...)
	return explain(err, "integration %q", i.Name)
}

func updateIntegration(ctx context.Context, tx *sql.Tx, i *integration.Integration) error {
	values, err := integrationValues(i)
	if err != nil {
		return err
	}
	result, err := tx.ExecContext(ctx, `UPDATE integration SET
		name = $3, state = $4, reason = $5, external_id = $6, next_external_id = $7, principal_arn = $8, role_arn = $9,
		locations = $10, access = $11, region = $12, endpoint = $13, requester_pays = $14, kms_key_arns = $15,
			session_seconds = $16,
		revision = $17, version = $18, created_at = $19, edited_at = $20, verified_at = $21, removed_at = $22,
			webhook_url = $23, vending = $24, parts = $25, read_revision = $26, previous_external_id = $27
		WHERE id = $1 AND workspace = $2 AND version = $18 - 1`, values...)
	if err != nil {
		return explain(err, "integration %q", i.Name)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(integration.ErrChanged, err)
	}
	return nil
}

func insertExternalID(ctx context.Context, tx *sql.Tx, id assume.ExternalID, owner string, madeAt time.Time) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO external_id (external_id, integration, made_at) VALUES ($1, $2, $3)",
		string(id), owner, micros(madeAt))
	if isDuplicate(err) {
		return fmt.Errorf("keeping the External ID of %s: it was made before: %w", owner, err)
	}
	return explain(err, "External ID of %s", owner)
}

// integrationValues returns the values of integrationColumns.
func integrationValues(i *integration.Integration) ([]any, error) {
	locations, err := text(i.Locations)
	if err != nil {
		return nil, err
	}
	keys, err := text(i.KMSKeyARNs)
	if err != nil {
		return nil, err
	}
	parts, err := text(i.Parts)
	if err != nil {
		return nil, err
	}
	return []any{
		i.ID, i.Workspace, i.Name, string(i.State), i.Reason, string(i.ExternalID), string(i.NextExternalID),
		i.PrincipalARN, string(i.RoleARN),
		locations, string(i.Access), i.Region, i.Endpoint, flag(i.RequesterPays), keys,
		int64(i.SessionLength / time.Second),
		i.Revision, i.Version, micros(i.CreatedAt), micros(i.EditedAt), micros(i.VerifiedAt), micros(i.RemovedAt),
		i.WebhookURL, flag(i.Vending), parts, i.ReadRevision, string(i.PreviousExternalID),
	}, nil
}

func queryIntegrations(ctx context.Context, q querier, where string, args ...any) ([]integration.Integration, error) {
	rows, err := q.QueryContext(ctx, "SELECT "+integrationColumns+" FROM integration WHERE "+where, args...)
	if err != nil {
		return nil, explain(err, "integrations")
	}
	defer func() { _ = rows.Close() }() // rows.Err returns the relevant error
	var found []integration.Integration
	for rows.Next() {
		i, err := scanIntegration(rows)
		if err != nil {
			return nil, explain(err, "integrations")
		}
		found = append(found, i)
	}
	return found, explain(rows.Err(), "integrations")
}

func scanIntegration(row interface{ Scan(...any) error }) (integration.Integration, error) {
	var i integration.Integration
	var locations, keys, parts string
	var seconds, created, edited, verified, removed int64
	err := row.Scan(
		&i.ID,
		&i.Workspace,
		&i.Name,
		&i.State,
		&i.Reason,
		&i.ExternalID,
		&i.NextExternalID,
		&i.PrincipalARN,
		&i.RoleARN,
		&locations,
		&i.Access,
		&i.Region,
		&i.Endpoint,
		&i.RequesterPays,
		&keys,
		&seconds,
		&i.Revision,
		&i.Version,
		&created,
		&edited,
		&verified,
		&removed,
		&i.WebhookURL,
		&i.Vending,
		&parts,
		&i.ReadRevision,
		&i.PreviousExternalID,
	)
	if err != nil {
		return integration.Integration{}, err
	}
	i.SessionLength = time.Duration(seconds) * time.Second
	i.CreatedAt, i.EditedAt, i.VerifiedAt, i.RemovedAt = moment(created), moment(edited), moment(verified),
		moment(removed)
	err = errors.Join(parse(locations, &i.Locations), parse(keys, &i.KMSKeyARNs), parse(parts, &i.Parts))
	return i, err
}
