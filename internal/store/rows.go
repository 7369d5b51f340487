package store

import "database/sql"

// scanner is a row: of one, or the next of several.
type scanner interface {
	Scan(into ...any) error
}

// collect reads all rows of a query and closes them. It also takes the query's
// error, so that it can wrap the call.
func collect[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []T
	for rows.Next() {
		row, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, rows.Err()
}
