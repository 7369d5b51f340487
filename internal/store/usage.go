package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/usage"
)

const day = 24 * time.Hour

func dayOf(t time.Time) int64 { return t.Unix() / int64(day/time.Second) }

// AddUsage adds all measurements to the counts, or none.
func (s *Store) AddUsage(ctx context.Context, measured []usage.Measured) error {
	err := s.update(ctx, func(tx *sql.Tx) error {
		for i := range measured {
			if err := addUsage(ctx, tx, &measured[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return explain(err, "usage")
}

func addUsage(ctx context.Context, tx *sql.Tx, m *usage.Measured) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO usage_count AS u
		(day, workspace, token, dataset, kind, requests, refusals, rows, bytes, sql_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (workspace, day, token, dataset, kind) DO UPDATE SET requests = u.requests + excluded.requests,
			refusals = u.refusals + excluded.refusals, rows = u.rows + excluded.rows, bytes = u.bytes + excluded.bytes,
			sql_ms = u.sql_ms + excluded.sql_ms`,
		dayOf(m.Day), m.Workspace, m.Token, m.Dataset, string(m.Kind), m.Requests, m.Refusals, m.Rows, m.Bytes, m.SQLMS)
	if err != nil {
		return err
	}
	for bucket, n := range m.Took {
		_, err := tx.ExecContext(ctx, `INSERT INTO usage_latency AS u
			(day, workspace, token, dataset, kind, bucket, requests) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (workspace, day, token, dataset, kind, bucket)
			DO UPDATE SET requests = u.requests + excluded.requests`,
			dayOf(m.Day), m.Workspace, m.Token, m.Dataset, string(m.Kind), bucket, n)
		if err != nil {
			return err
		}
	}
	return nil
}

// usageColumns has the columns by which usage can be grouped. Those that a query
// doesn't group by are combined.
var usageColumns = []struct {
	by            usage.By
	column, other string
}{
	{usage.ByDay, "day", "0"},
	{usage.ByToken, "token", "''"},
	{usage.ByDataset, "dataset", "''"},
	{usage.ByKind, "kind", "''"},
}

// usageGroups returns the columns of a query, and those that it groups by.
func usageGroups(query *usage.Search) (columns, by string) {
	var all, grouped []string
	for _, c := range usageColumns {
		selected := c.other
		for _, by := range query.By {
			if by == c.by {
				selected = c.column
				grouped = append(grouped, c.column)
			}
		}
		all = append(all, selected)
	}
	return strings.Join(all, ", "), strings.Join(grouped, ", ")
}

const usageWhere = ` WHERE workspace = $1 AND day >= $2 AND day <= $3 AND ($4 = '' OR token = $4)
	AND ($5 = '' OR dataset = $5)`

// Usage sums counts by the query's groups, in their order.
func (s *Store) Usage(ctx context.Context, query *usage.Search) ([]usage.Measured, error) {
	columns, by := usageGroups(query)
	args := []any{query.Workspace, dayOf(query.From), dayOf(query.To), query.Token, query.Dataset}
	//nolint:gosec // G202: the names of usageColumns
	sums := "SELECT " + columns + `, SUM(requests), SUM(refusals), SUM(rows), SUM(bytes), SUM(sql_ms)
		FROM usage_count` + usageWhere + " GROUP BY " + by + " ORDER BY " + by + " LIMIT $6"
	rows, err := s.reader.QueryContext(ctx, sums, append(args, query.Limit)...)
	found, err := collect(rows, err, func(row scanner) (usage.Measured, error) {
		m := usage.Measured{Took: map[int]int64{}}
		var day int64
		err := row.Scan(&day, &m.Token, &m.Dataset, &m.Kind, &m.Requests, &m.Refusals, &m.Rows, &m.Bytes, &m.SQLMS)
		m.Day = usageDay(day)
		return m, err
	})
	if err != nil {
		return nil, explain(err, "usage")
	}
	places := map[usage.Key]int{}
	for i := range found {
		places[found[i].Key] = i
	}
	return found, s.addLatencies(ctx, found, places, columns, by, args)
}

func usageDay(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(n*int64(day/time.Second), 0).UTC()
}

// addLatencies adds how long the requests took.
func (s *Store) addLatencies(ctx context.Context, found []usage.Measured, places map[usage.Key]int, columns, by string,
	args []any,
) error {
	if len(found) == 0 {
		return nil
	}
	type latency struct {
		key    usage.Key
		bucket int
		n      int64
	}
	//nolint:gosec // G202: the names of usageColumns
	query := "SELECT " + columns + ", bucket, SUM(requests) FROM usage_latency" + usageWhere +
		" GROUP BY " + by + ", bucket"
	rows, err := s.reader.QueryContext(ctx, query, args...)
	latencies, err := collect(rows, err, func(row scanner) (latency, error) {
		var l latency
		var day int64
		err := row.Scan(&day, &l.key.Token, &l.key.Dataset, &l.key.Kind, &l.bucket, &l.n)
		l.key.Day = usageDay(day)
		return l, err
	})
	for _, l := range latencies {
		if i, ok := places[l.key]; ok {
			found[i].Took[l.bucket] += l.n
		}
	}
	return explain(err, "usage")
}

// UsageNames returns the names of a workspace's tokens, datasets and views by ID.
func (s *Store) UsageNames(ctx context.Context, workspace string) (map[string]string, error) {
	rows, err := s.reader.QueryContext(ctx, `SELECT id, name FROM token WHERE workspace = $1
		UNION ALL SELECT id, name FROM dataset WHERE workspace = $1`, workspace)
	names := map[string]string{}
	_, err = collect(rows, err, func(row scanner) (struct{}, error) {
		var id, name string
		err := row.Scan(&id, &name)
		names[id] = name
		return struct{}{}, err
	})
	return names, explain(err, "usage")
}

// ForgetUsage deletes the counts of days before a day.
func (s *Store) ForgetUsage(ctx context.Context, before time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		for _, statement := range []string{
			"DELETE FROM usage_count WHERE day < $1", "DELETE FROM usage_latency WHERE day < $1",
		} {
			if _, err := tx.ExecContext(ctx, statement, dayOf(before)); err != nil {
				return explain(err, "usage")
			}
		}
		return nil
	})
}
