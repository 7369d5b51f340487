package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// connections limits a node's connections to PostgreSQL.
const connections = 16

func openPostgres(ctx context.Context, dsn string) (*Store, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		// the cause may show the password
		return nil, errors.New("opening the state: the PostgreSQL address isn't valid")
	}
	db := stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(limitIdle))
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxLifetime(30 * time.Minute)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the state in PostgreSQL on %s: %w", cfg.Host, err), db.Close())
	}
	return &Store{dialect: Postgres, address: dsn, writer: db, reader: db}, nil
}

// limitIdle makes the server end idle transactions, so that a node that is stopped
// or cut off doesn't keep rows locked that others need.
func limitIdle(ctx context.Context, connection *pgx.Conn) error {
	_, err := connection.Exec(ctx, "SET idle_in_transaction_session_timeout = '30s'")
	return err
}

// waitLong lets a transaction be idle without a time limit.
const waitLong = "SET LOCAL idle_in_transaction_session_timeout = 0"
