package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/arrival"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/dataset/alter"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/notification"
)

// announce records an event in the transaction of the change that it reports, with a
// delivery for each destination that subscribes to it. It does nothing if there is no
// such destination, or if the event is already recorded.
func announce(ctx context.Context, tx *sql.Tx, e *notification.Event) error {
	wanting, err := wantingDestinations(ctx, tx, e)
	if err != nil || len(wanting) == 0 {
		return err
	}
	return record(ctx, tx, e, wanting)
}

// wantingDestinations returns the destinations that select an event.
func wantingDestinations(ctx context.Context, tx *sql.Tx, e *notification.Event) (
	wanting []*notification.Destination, err error,
) {
	rows, err := tx.QueryContext(ctx, "SELECT "+destinationColumns+
		" FROM notification WHERE workspace = $1 AND enabled = 1 ORDER BY id", e.Workspace)
	all, err := collect(rows, err, scanDestination)
	if err != nil {
		return nil, explain(err, "notifications of workspace %s", e.Workspace)
	}
	for i := range all {
		if all[i].Wants(e) {
			wanting = append(wanting, &all[i])
		}
	}
	return wanting, nil
}

// record records an event with a delivery for each of the destinations.
func record(ctx context.Context, tx *sql.Tx, e *notification.Event, wanting []*notification.Destination) error {
	if fresh, err := insertEvent(ctx, tx, e); err != nil || !fresh {
		return err
	}
	var waiting int
	err := tx.QueryRowContext(ctx, "SELECT count(*) FROM notification_delivery WHERE workspace = $1 AND state = 'waiting'",
		e.Workspace).
		Scan(&waiting)
	if err != nil {
		return explain(err, "deliveries of workspace %s", e.Workspace)
	}
	for _, to := range wanting {
		if err := deliver(ctx, tx, e, to, waiting); err != nil {
			return err
		}
		waiting++
	}
	return nil
}

// deliver adds a delivery of an event. It skips the event if too many deliveries wait,
// or if a similar event was sent recently.
func deliver(
	ctx context.Context,
	tx *sql.Tx,
	e *notification.Event,
	to *notification.Destination,
	waiting int,
) error {
	d := notification.Delivery{
		ID: id.New("dlv", e.At), Workspace: e.Workspace, DestinationID: to.ID, EventID: e.ID,
		State: notification.Waiting, NextAt: e.At, CreatedAt: e.At,
	}
	leave := func(why string) { d.State, d.Fault, d.NextAt, d.EndedAt = notification.LeftOut, why, time.Time{}, e.At }
	if waiting >= notification.MaxWaiting {
		leave("10000 deliveries of the workspace wait, the most that may.")
		return insertDelivery(ctx, tx, &d)
	}
	if to.Kind != notification.Webhook {
		sends, left, err := pause(ctx, tx, to.ID, string(e.Type)+" "+e.Subject, e.At)
		if err != nil {
			return err
		}
		if d.LeftOut = left; !sends {
			leave("One like it was sent shortly before.")
		}
	}
	return insertDelivery(ctx, tx, &d)
}

// pause reports whether an event may be sent, and how many similar events were skipped
// since the last one. The pause between similar events doubles with each event after
// the previous pause, and is reset after a quiet time of the same length.
func pause(
	ctx context.Context,
	tx *sql.Tx,
	destination, subject string,
	now time.Time,
) (sends bool, left int, err error) {
	result, err := tx.ExecContext(ctx, `INSERT INTO notification_pause (destination, subject, until, length, left_out)
		VALUES ($1, $2, $3, $4, 0) ON CONFLICT (destination, subject) DO NOTHING`, destination, subject,
		micros(now.Add(notification.FirstPause)), notification.FirstPause.Microseconds())
	if n, err := affected(result, err); err != nil || n > 0 {
		return true, 0, explain(err, "pause of notification %s", destination)
	}
	err = tx.QueryRowContext(ctx, "SELECT left_out FROM notification_pause WHERE destination = $1 AND subject = $2",
		destination, subject).Scan(&left)
	if err != nil {
		return false, 0, explain(err, "pause of notification %s", destination)
	}
	result, err = tx.ExecContext(ctx, `UPDATE notification_pause SET left_out = 0,
		length = CASE WHEN until + length <= $3 THEN $4 WHEN length * 2 > $5 THEN $5 ELSE length * 2 END,
		until = $3 + CASE WHEN until + length <= $3 THEN $4 WHEN length * 2 > $5 THEN $5 ELSE length * 2 END
		WHERE destination = $1 AND subject = $2 AND until <= $3`, destination, subject, micros(now),
		notification.FirstPause.Microseconds(), notification.MaxPause.Microseconds())
	if n, err := affected(result, err); err != nil || n > 0 {
		return true, left, explain(err, "pause of notification %s", destination)
	}
	_, err = tx.ExecContext(ctx, `UPDATE notification_pause SET left_out = left_out + 1
		WHERE destination = $1 AND subject = $2`, destination, subject)
	return false, 0, explain(err, "pause of notification %s", destination)
}

// affected returns how many rows a statement changed.
func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// insertEvent records an event; false: it is recorded already.
func insertEvent(ctx context.Context, tx *sql.Tx, e *notification.Event) (fresh bool, err error) {
	content, err := text(e.Content)
	if err != nil {
		return false, err
	}
	result, err := tx.ExecContext(
		ctx,
		`INSERT INTO notification_event (id, workspace, type, subject, ref, content, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace, type, ref) DO NOTHING`,
		e.ID,
		e.Workspace,
		string(e.Type),
		e.Subject,
		e.Ref,
		content,
		micros(e.At),
	)
	n, err := affected(result, err)
	return n > 0, explain(err, "event %s", e.ID)
}

func insertDelivery(ctx context.Context, tx *sql.Tx, d *notification.Delivery) error {
	recipients := ""
	if len(d.Recipients) > 0 {
		var err error
		if recipients, err = text(d.Recipients); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO notification_delivery (id, workspace, destination, event, recipients,
		left_out, state, attempts, next_at, claim, claimed_until, status, answer, fault, attempted_at, created_at,
		ended_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', 0, $10, $11, $12, $13, $14, $15)`,
		d.ID, d.Workspace, d.DestinationID, d.EventID, recipients, d.LeftOut, string(d.State), d.Attempts,
		micros(d.NextAt), d.Status, d.Answer, d.Fault, micros(d.AttemptedAt), micros(d.CreatedAt), micros(d.EndedAt))
	return explain(err, "delivery %s", d.ID)
}

// listens reports whether a workspace has a destination, so that events without one
// cost nothing.
func listens(ctx context.Context, tx *sql.Tx, workspace string) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, "SELECT count(*) FROM notification WHERE workspace = $1 AND enabled = 1", workspace).
		Scan(&n)
	return n > 0, explain(err, "notifications of workspace %s", workspace)
}

// announceLoad announces a load that ended.
func announceLoad(ctx context.Context, tx *sql.Tx, l *load.Load) error {
	if l.DryRun || l.EndedAt.IsZero() {
		return nil
	}
	if ok, err := listens(ctx, tx, l.Workspace); err != nil || !ok {
		return err
	}
	e := notification.OfLoad(l, false)
	if err := announce(ctx, tx, &e); err != nil || e.Type != notification.LoadSucceeded || l.FeedID == "" {
		return err
	}
	var before string
	err := tx.QueryRowContext(ctx, `SELECT CASE WHEN outcome = 'partial' THEN 'failed' ELSE state END FROM load
		WHERE feed = $1 AND id <> $2 AND ended_at <> 0 AND dry_run = 0 AND state <> 'cancelled'
		ORDER BY ended_at DESC, id DESC LIMIT 1`, l.FeedID, l.ID).Scan(&before)
	if errors.Is(err, sql.ErrNoRows) || err == nil && before != string(load.Failed) {
		return nil
	}
	if err != nil {
		return explain(err, "last load of feed %s", l.FeedID)
	}
	e = notification.OfLoad(l, true)
	return announce(ctx, tx, &e)
}

// announceLoads announces loads that ended together, by their IDs.
func announceLoads(ctx context.Context, tx *sql.Tx, ended [][2]string) error {
	for _, key := range ended {
		found, err := loadOf(ctx, tx, key[0], key[1])
		if err != nil {
			return err
		}
		if err := announceLoad(ctx, tx, &found); err != nil {
			return err
		}
	}
	return nil
}

// scanPair scans a workspace and an ID.
func scanPair(row scanner) (pair [2]string, err error) { return pair, row.Scan(&pair[0], &pair[1]) }

// announceDrift announces the drift of a load.
func announceDrift(ctx context.Context, tx *sql.Tx, found []dataset.Drift) error {
	var workspace, name string
	err := tx.QueryRowContext(ctx, "SELECT workspace, name FROM dataset WHERE id = $1", found[0].DatasetID).
		Scan(&workspace, &name)
	if err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return explain(err, "dataset %s", found[0].DatasetID)
	}
	e := notification.OfDrift(workspace, name, found)
	return announce(ctx, tx, &e)
}

// announceIntegration announces that an integration began or ceased to work.
func announceIntegration(ctx context.Context, tx *sql.Tx, was, is *integration.Integration, now time.Time) error {
	if was.Overall().State == is.Overall().State {
		return nil
	}
	last, err := lastEvent(ctx, tx, is.Workspace, "integration:"+is.ID, time.Time{})
	if err != nil {
		return err
	}
	e, ok := notification.OfIntegration(was, is, last, now)
	if !ok {
		return nil
	}
	wanting, err := wantingDestinations(ctx, tx, &e)
	if err != nil {
		return err
	}
	return record(ctx, tx, &e, wanting) // even if no destination selects it, because the recovery depends on it
}

// lastEvent returns the type of the last event about a subject after a time, or ""
// if there was none.
func lastEvent(ctx context.Context, tx *sql.Tx, workspace, subject string, after time.Time) (
	t notification.Type, err error,
) {
	err = tx.QueryRowContext(ctx, `SELECT type FROM notification_event WHERE workspace = $1 AND subject = $2 AND at > $3
		ORDER BY at DESC, id DESC LIMIT 1`, workspace, subject, micros(after)).
		Scan(&t)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return t, explain(err, "events about %s", subject)
}

// announceMissed announces objects that bucket events missed, at most once a day
// per source.
func announceMissed(ctx context.Context, tx *sql.Tx, report *arrival.List) error {
	if report.Missed == 0 {
		return nil
	}
	missed := notification.Missed{
		SourceID: report.SourceID, ListID: report.ID, Count: report.Missed, At: report.EndedAt,
	}
	err := tx.QueryRowContext(ctx, "SELECT workspace, name FROM source WHERE id = $1", report.SourceID).
		Scan(&missed.Workspace, &missed.SourceName)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return explain(err, "source %s", report.SourceID)
	}
	for _, object := range report.MissedKeys {
		missed.Keys = append(missed.Keys, object.Key)
	}
	last, err := lastEvent(ctx, tx, missed.Workspace, "source:"+report.SourceID, report.EndedAt.Add(-24*time.Hour))
	if err != nil || last != "" {
		return err
	}
	e := notification.OfMissed(&missed)
	return announce(ctx, tx, &e)
}

// announceSchema announces a changed schema.
func announceSchema(ctx context.Context, tx *sql.Tx, saved *alter.Saved) error {
	e := notification.OfSchemaChange(
		saved.Workspace,
		saved.ID,
		saved.DatasetID,
		saved.Dataset,
		saved.By,
		saved.Version,
		len(saved.Operations),
		saved.At,
	)
	return announce(ctx, tx, &e)
}
