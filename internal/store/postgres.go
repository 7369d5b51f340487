package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// connections is how many connections a node keeps to PostgreSQL.
const connections = 16

func openPostgres(ctx context.Context, dsn string) (*Store, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		// the cause may show the password
		return nil, errors.New("opening the state: the PostgreSQL address cannot be read")
	}
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxLifetime(30 * time.Minute)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the state in PostgreSQL on %s: %w", cfg.Host, err), db.Close())
	}
	return &Store{dialect: Postgres, address: dsn, writer: db, reader: db}, nil
}
