package store

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlitecode "modernc.org/sqlite/lib"

	"github.com/windlass-io/windlass/internal/problem"
)

// explain converts err for its reader: a missing row is a problem with code
// not_found; a violated unique constraint or foreign key is a problem with
// code conflict; any other error keeps its text for the log. The formatted
// text names the thing without an article: "token tok_01…".
func explain(err error, format string, args ...any) error {
	var known *problem.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	what := fmt.Sprintf(format, args...)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return problem.New(problem.NotFound, "There is no %s.", what)
	case isDuplicate(err):
		return problem.Wrap(err, problem.Conflict, "There is already another %s.", what)
	case isDangling(err):
		return problem.Wrap(err, problem.Conflict,
			"The %s refers to something that doesn't exist, or is still in use.", what)
	case isAway(err):
		return problem.Wrap(err, problem.Unavailable, "The state database doesn't respond.").
			WithHint("Try again in a moment.")
	case isBusy(err):
		return problem.Wrap(err, problem.Unavailable, "The state database is busy.").WithHint("Try again in a moment.")
	default:
		return fmt.Errorf("%s: %w", what, err)
	}
}

// changed returns a problem with code not_found if a statement for one row
// matched none.
func changed(result sql.Result, err error, format string, args ...any) error {
	if err != nil {
		return explain(err, format, args...)
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		err = sql.ErrNoRows
	}
	return explain(err, format, args...)
}

func isDuplicate(err error) bool {
	return hasCode(err, "23505", sqlitecode.SQLITE_CONSTRAINT_UNIQUE, sqlitecode.SQLITE_CONSTRAINT_PRIMARYKEY)
}

func isDangling(err error) bool {
	return hasCode(err, "23503", sqlitecode.SQLITE_CONSTRAINT_FOREIGNKEY)
}

// isAway reports whether PostgreSQL can't be reached, or ended the connection (class
// 08, "connection exception", and class 57, "operator intervention", except for a
// cancelled statement).
func isAway(err error) bool {
	var connect *pgconn.ConnectError
	var pg *pgconn.PgError
	var network *net.OpError
	switch {
	case errors.As(err, &connect), errors.As(err, &network), errors.Is(err, driver.ErrBadConn):
		return true
	case errors.As(err, &pg):
		return strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "57P") || pg.Code == "53300"
	default:
		return pgconn.SafeToRetry(err)
	}
}

func isBusy(err error) bool {
	return hasCode(err, "55P03", sqlitecode.SQLITE_BUSY, sqlitecode.SQLITE_BUSY_SNAPSHOT)
}

func hasCode(err error, postgres string, codes ...int) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == postgres
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		for _, code := range codes {
			if lite.Code() == code {
				return true
			}
		}
	}
	return false
}

// explainName is explain for a dataset or view that gets a name.
func explainName(err error, kind, name string) error {
	if err == nil || !isDuplicate(err) {
		return explain(err, "%s %q", kind, name)
	}
	return problem.Wrap(err, problem.Conflict, "There is already a dataset or view %q.", name).
		WithHint("Choose another name: datasets and views share their names, in any case.")
}
