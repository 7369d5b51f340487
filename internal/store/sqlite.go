package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
)

// readers is the number of connections that read a SQLite file.
const readers = 8

// openSQLite opens the file twice. Write-ahead logging lets readers go on while
// one writer writes; the second writer would meet SQLITE_BUSY, so there is one
// connection for writing and the pool is the queue before it.
func openSQLite(ctx context.Context, path string) (*Store, error) {
	if err := makePrivate(path); err != nil {
		return nil, fmt.Errorf("opening the state: %w", err)
	}
	// synchronous(FULL) lets commits survive a power cut, which the audit
	// promises. In write-ahead mode NORMAL doesn't.
	writer, err := sqlitePool(path, 1, url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "temp_store(MEMORY)"},
	})
	if err != nil {
		return nil, err
	}
	if err := writer.PingContext(ctx); err != nil { // first: it makes the file write-ahead
		return nil, errors.Join(fmt.Errorf("opening the state in %s: %w", path, err), writer.Close())
	}
	reader, err := sqlitePool(path, readers, url.Values{"_query_only": {"1"}, "_pragma": {"temp_store(MEMORY)"}})
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	return &Store{dialect: SQLite, path: path, writer: writer, reader: reader}, nil
}

func sqlitePool(path string, connections int, options url.Values) (*sql.DB, error) {
	if !options.Has("_busy_timeout") {
		options.Set("_busy_timeout", "10000") // milliseconds; for another process on the same file
	}
	options.Set("_defensive", "1")
	options.Set("_dqs", "0")
	name := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: options.Encode()}
	if !filepath.IsAbs(path) {
		name.Path, name.Opaque = "", (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	}
	connector, err := sqlite.NewConnector(name.String())
	if err != nil {
		return nil, fmt.Errorf("opening the state in %s: %w", path, err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// makePrivate creates a missing file so that nobody else on the machine can
// read it. SQLite gives its side files the same mode.
func makePrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the path is the operator's own setting
	if err != nil {
		return err
	}
	return f.Close()
}
