package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/windlass-io/windlass/internal/problem"
)

// Ping connects to the database at an address, and returns the version of its server,
// such as 16.4.
func Ping(ctx context.Context, address string) (version string, err error) {
	config, err := pgx.ParseConfig(address)
	if err != nil { // the cause may show the password
		return "", problem.New(problem.Invalid, "The address of the rows isn't valid.").
			WithHint("Use the form postgres://USER@HOST/DATABASE.")
	}
	connection, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return "", problem.Wrap(err, problem.Unavailable, "PostgreSQL at %s, database %s, doesn't answer.", config.Host,
			config.Database)
	}
	defer func() { _ = connection.Close(ctx) }()
	err = connection.QueryRow(ctx, "SHOW server_version").Scan(&version)
	return version, err
}
