package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

const sourceColumns = "id, workspace, name, integration, credential, bucket, pattern, exclude, format, version, created_at, updated_at"

// InsertSource stores a new source.
func (s *Store) InsertSource(ctx context.Context, made source.Source) error {
	return s.update(ctx, func(tx *sql.Tx) error { return insertSource(ctx, tx, &made) })
}

func insertSource(ctx context.Context, tx *sql.Tx, made *source.Source) error {
	values, err := sourceValues(made)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO source ("+sourceColumns+
		") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)", values...)
	return explain(err, "source %q", made.Name)
}

// CountSources counts a workspace's sources.
func (s *Store) CountSources(ctx context.Context, workspace string) (int, error) {
	var n int
	err := s.reader.QueryRowContext(ctx, "SELECT count(*) FROM source WHERE workspace = $1", workspace).Scan(&n)
	return n, explain(err, "sources of workspace %s", workspace)
}

// Source returns one source of a workspace, by its ID or name.
func (s *Store) Source(ctx context.Context, workspace, idOrName string) (source.Source, error) {
	row := s.reader.QueryRowContext(ctx, "SELECT "+sourceColumns+
		" FROM source WHERE workspace = $1 AND (id = $2 OR name = $2)", workspace, idOrName)
	found, err := scanSource(row)
	return found, explain(err, "source %q", idOrName)
}

// ListSources returns a page of a workspace's sources, oldest first.
func (s *Store) ListSources(ctx context.Context, workspace string,
	request paging.Request,
) (paging.List[source.Source], error) {
	after, limit, err := request.Start("source")
	if err != nil {
		return paging.List[source.Source]{}, err
	}
	found, err := s.querySources(ctx, "workspace = $1 AND id > $2 ORDER BY id LIMIT $3", workspace, after, limit+1)
	if err != nil {
		return paging.List[source.Source]{}, err
	}
	return paging.Cut("source", found, limit, func(src source.Source) string { return src.ID }), nil
}

// SaveSource replaces the source whose version is one less.
func (s *Store) SaveSource(ctx context.Context, changed source.Source) error {
	values, err := sourceValues(&changed)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE source SET name = $3, integration = $4, credential = $5, bucket = $6, pattern = $7,
			exclude = $8, format = $9, version = $10, created_at = $11, updated_at = $12
			WHERE id = $1 AND workspace = $2 AND version = $10 - 1`, values...)
		if err != nil {
			return explain(err, "source %q", changed.Name)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(problem.New(problem.Conflict, "The source %q was changed by somebody else.",
				changed.Name).WithHint("Read it again, then repeat the change."), err)
		}
		return nil
	})
}

// DeleteSource removes a source with its schedules and its feeds, and cancels its
// loads that haven't ended.
func (s *Store) DeleteSource(ctx context.Context, workspace, id string, now time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		if err := deleteFeeds(ctx, tx, workspace, "source", id, now); err != nil {
			return err
		}
		if err := deleteEvents(ctx, tx, workspace, id); err != nil {
			return err
		}
		if err := deleteSchedulesOf(ctx, tx, workspace, id); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, "DELETE FROM source WHERE workspace = $1 AND id = $2", workspace, id)
		return changed(result, err, "source %q", id)
	})
}

func (s *Store) querySources(ctx context.Context, where string, args ...any) ([]source.Source, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT "+sourceColumns+" FROM source WHERE "+where, args...) //nolint:gosec // G202: where is a constant of this file
	if err != nil {
		return nil, explain(err, "sources")
	}
	defer rows.Close()
	var found []source.Source
	for rows.Next() {
		src, err := scanSource(rows)
		if err != nil {
			return nil, explain(err, "sources")
		}
		found = append(found, src)
	}
	return found, explain(rows.Err(), "sources")
}

// sourceValues returns the values of sourceColumns.
func sourceValues(src *source.Source) ([]any, error) {
	exclude, err := text(src.Exclude)
	if err != nil {
		return nil, err
	}
	format, err := text(src.Format)
	if err != nil {
		return nil, err
	}
	return []any{
		src.ID, src.Workspace, src.Name, src.IntegrationID, src.CredentialID, src.Bucket, src.Pattern, exclude, format,
		src.Version, micros(src.CreatedAt), micros(src.UpdatedAt),
	}, nil
}

func scanSource(row interface{ Scan(...any) error }) (source.Source, error) {
	var src source.Source
	var exclude, format string
	var created, updated int64
	err := row.Scan(&src.ID, &src.Workspace, &src.Name, &src.IntegrationID, &src.CredentialID, &src.Bucket,
		&src.Pattern, &exclude, &format,
		&src.Version, &created, &updated)
	if err != nil {
		return source.Source{}, err
	}
	src.CreatedAt, src.UpdatedAt = moment(created), moment(updated)
	err = errors.Join(parse(exclude, &src.Exclude), parse(format, &src.Format))
	return src, err
}
