package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

const deliverySelect = `d.id, d.workspace, d.destination, d.event, e.type, e.content, d.recipients, d.left_out, d.state,
	d.attempts, d.next_at, d.status, d.answer, d.fault, d.attempted_at, d.created_at, d.ended_at
	FROM notification_delivery d JOIN notification_event e ON e.id = d.event`

// ListDeliveries returns a page of the deliveries of a destination, newest first.
func (s *Store) ListDeliveries(ctx context.Context, destinationID string, request paging.Request) (
	paging.List[notification.Delivery], error,
) {
	after, limit, err := request.Start("delivery")
	if err != nil {
		return paging.List[notification.Delivery]{}, err
	}
	rows, err := s.reader.QueryContext(ctx, "SELECT "+deliverySelect+
		" WHERE d.destination = $1 AND d.id < $2 ORDER BY d.id DESC LIMIT $3", destinationID, newest(after), limit+1)
	found, err := collect(rows, err, scanDelivery)
	return paging.Cut("delivery", found, limit, func(one notification.Delivery) string { return one.ID }),
		explain(err, "deliveries of notification %s", destinationID)
}

// Delivery returns one delivery of a destination.
func (s *Store) Delivery(ctx context.Context, destinationID, deliveryID string) (notification.Delivery, error) {
	return deliveryOf(ctx, s.reader, destinationID, deliveryID)
}

func deliveryOf(ctx context.Context, q querier, destinationID, deliveryID string) (notification.Delivery, error) {
	found, err := scanDelivery(q.QueryRowContext(ctx, "SELECT "+deliverySelect+
		" WHERE d.destination = $1 AND d.id = $2", destinationID, deliveryID))
	return found, explain(err, "delivery %q", deliveryID)
}

// RetryDelivery schedules another attempt of a delivery. If it was sent, the error is
// a problem with code conflict.
func (s *Store) RetryDelivery(ctx context.Context, destinationID, deliveryID string, now time.Time) (
	retried notification.Delivery, err error,
) {
	err = s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(
			ctx,
			`UPDATE notification_delivery SET state = 'waiting', next_at = $3, ended_at = 0,
			attempts = CASE WHEN state = 'waiting' THEN attempts ELSE 0 END
			WHERE destination = $1 AND id = $2 AND state <> 'sent'`,
			destinationID,
			deliveryID,
			micros(now),
		)
		if err != nil {
			return explain(err, "delivery %q", deliveryID)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if retried, err = deliveryOf(ctx, tx, destinationID, deliveryID); err == nil && n == 0 {
			err = problem.New(problem.Conflict, "The delivery %s was sent already.", deliveryID)
		}
		return err
	})
	return retried, err
}

// InsertDelivery stores an event and its one delivery.
func (s *Store) InsertDelivery(ctx context.Context, e notification.Event, d notification.Delivery) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		if _, err := insertEvent(ctx, tx, &e); err != nil {
			return err
		}
		return insertDelivery(ctx, tx, &d)
	})
}

// CountEvents counts the events of a type since a time: those of a workspace, and those
// about a subject.
func (s *Store) CountEvents(ctx context.Context, workspace string, t notification.Type, subject string,
	since time.Time,
) (all, about int, err error) {
	err = s.reader.QueryRowContext(ctx, `SELECT count(*), COALESCE(SUM(CASE WHEN subject = $3 THEN 1 ELSE 0 END), 0)
		FROM notification_event WHERE workspace = $1 AND type = $2 AND at > $4`,
		workspace, string(t), subject, micros(since)).Scan(&all, &about)
	return all, about, explain(err, "events of workspace %s", workspace)
}

// DueDeliveries returns deliveries that are due: the first of each destination to which
// no node is sending. First comes the longest due of each workspace, then the second.
func (s *Store) DueDeliveries(ctx context.Context, now time.Time, limit int) ([]notification.Due, error) {
	rows, err := s.reader.QueryContext(ctx, `SELECT id, destination, workspace FROM (
		SELECT id, destination, workspace, due, ROW_NUMBER() OVER (PARTITION BY workspace ORDER BY due, id) AS round
		FROM (SELECT MIN(d.id) AS id, d.destination, d.workspace, MIN(d.next_at) AS due FROM notification_delivery d
			WHERE d.state = 'waiting' AND d.next_at <= $1 AND d.claimed_until <= $1 AND NOT EXISTS
				(SELECT 1 FROM notification_delivery c WHERE c.destination = d.destination AND c.state = 'waiting'
					AND c.claimed_until > $1)
			GROUP BY d.destination, d.workspace) AS first) AS ranked
		ORDER BY round, due, id LIMIT $2`, micros(now), limit)
	found, err := collect(rows, err, func(row scanner) (due notification.Due, err error) {
		return due, row.Scan(&due.ID, &due.DestinationID, &due.Workspace)
	})
	return found, explain(err, "due notifications")
}

// ClaimDelivery claims a delivery that is due, and counts the attempt.
func (s *Store) ClaimDelivery(ctx context.Context, deliveryID, claim string, now, until time.Time) (
	job notification.Job, err error,
) {
	err = s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE notification_delivery SET claim = $2, claimed_until = $4,
			attempts = attempts + 1, attempted_at = $3
			WHERE id = $1 AND state = 'waiting' AND next_at <= $3 AND claimed_until <= $3 AND NOT EXISTS
				(SELECT 1 FROM notification_delivery c WHERE c.destination = notification_delivery.destination
					AND c.state = 'waiting' AND c.claimed_until > $3)`, deliveryID, claim, micros(now), micros(until))
		if err := changed(result, err, "delivery %q that is due", deliveryID); err != nil {
			return err
		}
		job, err = jobOf(ctx, tx, deliveryID)
		return err
	})
	return job, err
}

func jobOf(ctx context.Context, tx *sql.Tx, deliveryID string) (job notification.Job, err error) {
	job.Delivery, err = scanDelivery(tx.QueryRowContext(ctx, "SELECT "+deliverySelect+" WHERE d.id = $1", deliveryID))
	if err != nil {
		return job, explain(err, "delivery %q", deliveryID)
	}
	job.Destination, err = scanDestination(tx.QueryRowContext(ctx, "SELECT "+destinationColumns+
		" FROM notification WHERE id = $1", job.Delivery.DestinationID))
	if err != nil {
		return job, explain(err, "notification %s", job.Delivery.DestinationID)
	}
	var at int64
	var content string
	e := &job.Event
	err = tx.QueryRowContext(ctx, `SELECT id, workspace, type, subject, ref, content, at FROM notification_event
		WHERE id = $1`, job.Delivery.EventID).Scan(&e.ID, &e.Workspace, &e.Type, &e.Subject, &e.Ref, &content, &at)
	if err != nil {
		return job, explain(err, "event %s", job.Delivery.EventID)
	}
	e.At = moment(at)
	return job, parse(content, &e.Content)
}

// FinishDelivery stores the result of an attempt, unless the claim was lost. A
// destination that was changed since the attempt began isn't disabled: its delivery
// waits for another attempt.
func (s *Store) FinishDelivery(ctx context.Context, claim string, result notification.Result) error {
	d := &result.Delivery
	return s.update(ctx, func(tx *sql.Tx) error {
		same, err := destinationHas(ctx, tx, d.DestinationID, result.Version)
		if err != nil {
			return err
		}
		if result.Disable != "" && !same {
			d.State, d.NextAt, d.EndedAt, result.Disable = notification.Waiting, result.Now, time.Time{}, ""
		}
		done, err := tx.ExecContext(ctx, `UPDATE notification_delivery SET state = $3, next_at = $4, claim = '',
			claimed_until = 0, status = $5, answer = $6, fault = $7, ended_at = $8 WHERE id = $1 AND claim = $2`,
			d.ID, claim, string(d.State), micros(d.NextAt), d.Status, d.Answer, d.Fault, micros(d.EndedAt))
		if err != nil {
			return explain(err, "delivery %q", d.ID)
		}
		isTest := claim == ""
		if n, err := done.RowsAffected(); err != nil || n == 0 || !same || len(d.Recipients) > 0 ||
			isTest && d.Fault != "" {
			return err // another node has it, the notification was changed, or it says nothing about the address
		}
		if err := saveFailing(ctx, tx, &result); err != nil || result.Disable == "" {
			return err
		}
		return disable(ctx, tx, &result)
	})
}

// destinationHas reports whether a destination still has a version.
func destinationHas(ctx context.Context, tx *sql.Tx, id string, version int64) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, "SELECT count(*) FROM notification WHERE id = $1 AND version = $2", id, version).
		Scan(&n)
	return n > 0, explain(err, "notification %s", id)
}

// saveFailing records that a destination failed or works. A failure after a quiet time
// is the first of a row.
func saveFailing(ctx context.Context, tx *sql.Tx, result *notification.Result) error {
	d, now := &result.Delivery, micros(result.Now)
	query, values := `UPDATE notification SET failed_at = $3,
		failing_since = CASE WHEN failing_since = 0 OR failed_at < $4 THEN $3 ELSE failing_since END
		WHERE id = $1 AND version = $2`, []any{
		d.DestinationID, result.Version, now,
		micros(result.Now.Add(-notification.QuietTime)),
	}
	if d.State == notification.Sent {
		query = `UPDATE notification SET failing_since = 0, failed_at = 0
			WHERE id = $1 AND version = $2 AND failing_since <> 0`
		values = values[:2]
	}
	_, err := tx.ExecContext(ctx, query, values...)
	return explain(err, "notification %s", d.DestinationID)
}

// disable disables a destination, ends what waits for it, and adds the notice to the
// owners.
func disable(ctx context.Context, tx *sql.Tx, result *notification.Result) error {
	of := result.Delivery.DestinationID
	changed, err := tx.ExecContext(ctx, `UPDATE notification SET enabled = 0, disabled_reason = $3, updated_at = $4,
		version = version + 1 WHERE id = $1 AND version = $2`, of, result.Version, result.Disable, micros(result.Now))
	if n, err := affected(changed, err); err != nil || n == 0 {
		return explain(err, "notification %s", of)
	}
	if err := failWaiting(ctx, tx, of, result.Now); err != nil || result.Notice == nil {
		return err
	}
	if _, err := insertEvent(ctx, tx, &result.Notice.Event); err != nil {
		return err
	}
	return insertDelivery(ctx, tx, &result.Notice.Delivery)
}

// ReleaseDelivery returns a claim as if there had been no attempt.
func (s *Store) ReleaseDelivery(ctx context.Context, deliveryID, claim string) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE notification_delivery SET claim = '', claimed_until = 0,
			attempts = attempts - 1 WHERE id = $1 AND claim = $2 AND state = 'waiting'`, deliveryID, claim)
		return explain(err, "delivery %q", deliveryID)
	})
}

// PruneDeliveries deletes events from before a time, and their deliveries.
func (s *Store) PruneDeliveries(ctx context.Context, before time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		for _, query := range []string{
			"DELETE FROM notification_delivery WHERE event IN (SELECT id FROM notification_event WHERE at < $1)",
			"DELETE FROM notification_event WHERE at < $1",
			"DELETE FROM notification_pause WHERE until < $1",
		} {
			if _, err := tx.ExecContext(ctx, query, micros(before)); err != nil {
				return explain(err, "old notifications")
			}
		}
		return nil
	})
}

func scanDelivery(row scanner) (notification.Delivery, error) {
	var d notification.Delivery
	var content, recipients string
	var next, attempted, created, ended int64
	err := row.Scan(&d.ID, &d.Workspace, &d.DestinationID, &d.EventID, &d.Type, &content, &recipients, &d.LeftOut,
		&d.State, &d.Attempts, &next, &d.Status, &d.Answer, &d.Fault, &attempted, &created, &ended)
	if err != nil {
		return notification.Delivery{}, err
	}
	d.NextAt, d.AttemptedAt, d.CreatedAt, d.EndedAt = moment(next), moment(attempted), moment(created), moment(ended)
	var kept notification.Content
	err = parse(content, &kept)
	d.Dataset, d.Title = kept.Dataset, kept.Title
	if recipients != "" {
		err = errors.Join(err, parse(recipients, &d.Recipients))
	}
	return d, err
}
