package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migration/*.sql
var migrations embed.FS

// migrate applies, in order and each in a transaction, the migrations that the
// database has not had. There is no way back: a release runs on the schema of
// the one before it, so the next migration corrects a mistake.
func (s *Store) migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migration")
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	unlock, err := s.lockMigration(ctx)
	if err != nil {
		return fmt.Errorf("waiting for the migration lock: %w", err)
	}
	dialect := goose.DialectSQLite3
	if s.dialect == Postgres {
		dialect = goose.DialectPostgres
	}
	provider, err := goose.NewProvider(dialect, s.writer, files, goose.WithDisableGlobalRegistry(true))
	if err == nil {
		_, err = provider.Up(ctx)
	}
	if err = errors.Join(err, unlock()); err != nil {
		return fmt.Errorf("bringing the state's schema up to this release: %w", err)
	}
	return nil
}
