package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

const destinationColumns = `id, workspace, name, kind, address, recipients, sealed, events, datasets, enabled,
	disabled_reason, failing_since, failed_at, version, made_by, created_at, updated_at`

// InsertDestination stores a new destination of notifications.
func (s *Store) InsertDestination(ctx context.Context, made notification.Destination) error {
	values, err := destinationValues(&made)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO notification ("+destinationColumns+
			") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)", values...)
		return explain(err, "notification %q", made.Name)
	})
}

// CountDestinations counts a workspace's destinations.
func (s *Store) CountDestinations(ctx context.Context, workspace string) (n int, err error) {
	err = s.reader.QueryRowContext(ctx, "SELECT count(*) FROM notification WHERE workspace = $1", workspace).Scan(&n)
	return n, explain(err, "notifications of workspace %s", workspace)
}

// Destination returns one destination of a workspace, by its ID or name.
func (s *Store) Destination(ctx context.Context, workspace, idOrName string) (notification.Destination, error) {
	found, err := scanDestination(s.reader.QueryRowContext(ctx, "SELECT "+destinationColumns+
		" FROM notification WHERE workspace = $1 AND (id = $2 OR name = $2)", workspace, idOrName))
	return found, explain(err, "notification %q", idOrName)
}

// ListDestinations returns a page of a workspace's destinations, oldest first.
func (s *Store) ListDestinations(ctx context.Context, workspace string, request paging.Request) (
	paging.List[notification.Destination], error,
) {
	after, limit, err := request.Start("notification")
	if err != nil {
		return paging.List[notification.Destination]{}, err
	}
	rows, err := s.reader.QueryContext(ctx, "SELECT "+destinationColumns+
		" FROM notification WHERE workspace = $1 AND id > $2 ORDER BY id LIMIT $3", workspace, after, limit+1)
	found, err := collect(rows, err, scanDestination)
	return paging.Cut("notification", found, limit, func(one notification.Destination) string { return one.ID }),
		explain(err, "notifications")
}

// SaveDestination replaces the destination whose version is one less. Waiting
// deliveries of a destination that isn't enabled fail.
func (s *Store) SaveDestination(ctx context.Context, changed notification.Destination) error {
	values, err := destinationValues(&changed)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(
			ctx,
			`UPDATE notification SET name = $3, kind = $4, address = $5, recipients = $6,
			sealed = $7, events = $8, datasets = $9, enabled = $10, disabled_reason = $11, failing_since = $12,
			failed_at = $13, version = $14, made_by = $15, created_at = $16, updated_at = $17
			WHERE id = $1 AND workspace = $2 AND version = $14 - 1`,
			values...)
		if err != nil {
			return explain(err, "notification %q", changed.Name)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errOr(err, problem.New(problem.Conflict, "The notification %q was changed by somebody else.",
				changed.Name).WithHint("Read it again, then repeat the change."))
		}
		if changed.Enabled {
			return nil
		}
		return failWaiting(ctx, tx, changed.ID, changed.UpdatedAt)
	})
}

// failWaiting ends the deliveries that wait for a destination that was disabled.
func failWaiting(ctx context.Context, tx *sql.Tx, destinationID string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE notification_delivery SET state = 'failed', next_at = 0, claim = '',
		claimed_until = 0, ended_at = $2, fault = 'The notification was disabled.'
		WHERE destination = $1 AND state = 'waiting' AND recipients = ''`, destinationID, micros(now))
	return explain(err, "deliveries of notification %s", destinationID)
}

// DeleteDestination removes a destination and its deliveries.
func (s *Store) DeleteDestination(ctx context.Context, workspace, id string) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		for _, query := range []string{
			"DELETE FROM notification_delivery WHERE destination IN (SELECT id FROM notification WHERE workspace = $1 AND id = $2)",
			"DELETE FROM notification_pause WHERE destination IN (SELECT id FROM notification WHERE workspace = $1 AND id = $2)",
		} {
			if _, err := tx.ExecContext(ctx, query, workspace, id); err != nil {
				return explain(err, "deliveries of notification %q", id)
			}
		}
		result, err := tx.ExecContext(ctx, "DELETE FROM notification WHERE workspace = $1 AND id = $2", workspace, id)
		return changed(result, err, "notification %q", id)
	})
}

// DestinationsAfter returns destinations of all workspaces after an ID, in order.
func (s *Store) DestinationsAfter(ctx context.Context, id string, limit int) ([]notification.Destination, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT "+destinationColumns+
		" FROM notification WHERE id > $1 ORDER BY id LIMIT $2", id, limit)
	found, err := collect(rows, err, scanDestination)
	return found, explain(err, "notifications")
}

// ResealDestination replaces a sealed secret, unless it has changed.
func (s *Store) ResealDestination(ctx context.Context, id string, before, after []byte) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE notification SET sealed = $3 WHERE id = $1 AND sealed = $2", id,
			base64.StdEncoding.EncodeToString(before), base64.StdEncoding.EncodeToString(after))
		return explain(err, "notification %s", id)
	})
}

// WorkspaceName returns the name of a workspace.
func (s *Store) WorkspaceName(ctx context.Context, id string) (string, error) {
	found, err := s.Workspace(ctx, id)
	return found.Name, err
}

// Owners returns the e-mail addresses of the owners of a workspace.
func (s *Store) Owners(ctx context.Context, workspace string) ([]string, error) {
	rows, err := s.reader.QueryContext(
		ctx,
		"SELECT email FROM member WHERE workspace = $1 AND role = 'owner' ORDER BY id",
		workspace,
	)
	found, err := collect(rows, err, func(row scanner) (email string, err error) { return email, row.Scan(&email) })
	return found, explain(err, "owners of workspace %s", workspace)
}

// destinationValues returns the values of destinationColumns.
func destinationValues(d *notification.Destination) ([]any, error) {
	to, err := text(d.To)
	events, eventsErr := text(d.Events)
	datasets, datasetsErr := text(d.Datasets)
	return []any{
		d.ID, d.Workspace, d.Name, string(d.Kind), d.Address, to, base64.StdEncoding.EncodeToString(d.Sealed), events,
		datasets, flag(d.Enabled), d.DisabledReason, micros(d.FailingSince), micros(d.FailedAt), d.Version, d.MadeBy,
		micros(d.CreatedAt), micros(d.UpdatedAt),
	}, errors.Join(err, eventsErr, datasetsErr)
}

func scanDestination(row scanner) (notification.Destination, error) {
	var d notification.Destination
	var to, sealed, events, datasets string
	var failing, failed, created, updated int64
	err := row.Scan(&d.ID, &d.Workspace, &d.Name, &d.Kind, &d.Address, &to, &sealed, &events, &datasets, &d.Enabled,
		&d.DisabledReason, &failing, &failed, &d.Version, &d.MadeBy, &created, &updated)
	if err != nil {
		return notification.Destination{}, err
	}
	d.FailingSince, d.FailedAt = moment(failing), moment(failed)
	d.CreatedAt, d.UpdatedAt = moment(created), moment(updated)
	if d.Sealed, err = base64.StdEncoding.DecodeString(sealed); err != nil {
		return notification.Destination{}, fmt.Errorf("reading the sealed secret of %s: %w", d.ID, err)
	}
	return d, errors.Join(parse(to, &d.To), parse(events, &d.Events), parse(datasets, &d.Datasets))
}

// renameDatasetOfNotifications updates the destinations that name a dataset with its
// new name. The dataset still has the old one.
func renameDatasetOfNotifications(ctx context.Context, tx *sql.Tx, workspace, datasetID, name string) error {
	var old string
	err := tx.QueryRowContext(ctx, "SELECT name FROM dataset WHERE id = $1", datasetID).Scan(&old)
	if errors.Is(err, sql.ErrNoRows) || err == nil && old == name {
		return nil
	}
	if err != nil {
		return explain(err, "dataset %s", datasetID)
	}
	rows, err := tx.QueryContext(ctx, "SELECT "+destinationColumns+
		" FROM notification WHERE workspace = $1 AND datasets LIKE '[%'", workspace)
	found, err := collect(rows, err, scanDestination)
	if err != nil {
		return explain(err, "notifications of workspace %s", workspace)
	}
	for i := range found {
		d := &found[i]
		named := false
		for n := range d.Datasets {
			if strings.EqualFold(d.Datasets[n], old) {
				d.Datasets[n], named = name, true
			}
		}
		if !named {
			continue
		}
		datasets, err := text(d.Datasets)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(
			ctx,
			"UPDATE notification SET datasets = $2, version = version + 1 WHERE id = $1",
			d.ID,
			datasets,
		)
		if err != nil {
			return explain(err, "notification %q", d.Name)
		}
	}
	return nil
}
