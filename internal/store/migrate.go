package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/windlass-io/windlass/internal/problem"
)

//go:embed migration/*.sql
var migrations embed.FS

// Migration is a change of the state's schema.
type Migration struct {
	ID        int64     `json:"id"`
	Name      string    `json:"name"` // of its file
	AppliedAt time.Time `json:"applied_at,omitzero"`
}

// Schema compares the state's schema with that of this release.
type Schema struct {
	Version    int64       `json:"version"` // the newest migration of the state; 0: none
	Known      int64       `json:"known"`   // the newest migration of this release
	Migrations []Migration `json:"migrations"`
}

// Pending returns the migrations that haven't been applied to the state.
func (s *Schema) Pending() []Migration {
	var pending []Migration
	for _, m := range s.Migrations {
		if m.AppliedAt.IsZero() {
			pending = append(pending, m)
		}
	}
	return pending
}

// Check refuses a state that a newer release wrote.
func (s *Schema) Check() error {
	if s.Version > s.Known {
		return newerSchema(s.Version, s.Known)
	}
	return nil
}

func newerSchema(version, known int64) *problem.Error {
	return problem.New(problem.Conflict, "The state has schema %d; this release supports up to %d.", version, known).
		WithHint("Run the release that wrote the state, or a newer one.")
}

// Known returns the newest migration of this release.
func Known() (newest int64, err error) {
	files, err := migrations.ReadDir("migration")
	for _, f := range files {
		number, _, _ := strings.Cut(f.Name(), "_")
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("reading the name of migration %s: %w", f.Name(), err)
		}
		newest = max(newest, id)
	}
	return newest, err
}

// ReadSchema returns the schema of a state, which it doesn't change.
func ReadSchema(ctx context.Context, dsn string) (schema Schema, err error) {
	s, err := connect(ctx, dsn)
	if err != nil {
		return Schema{}, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.readSchema(ctx)
}

func (s *Store) readSchema(ctx context.Context) (Schema, error) {
	provider, err := s.provider()
	if err != nil {
		return Schema{}, err
	}
	statuses, err := provider.Status(ctx)
	if err != nil {
		return Schema{}, fmt.Errorf("reading the state's schema: %w", err)
	}
	schema := Schema{}
	if schema.Version, err = provider.GetDBVersion(ctx); err != nil {
		return Schema{}, fmt.Errorf("reading the state's schema: %w", err)
	}
	for _, status := range statuses {
		schema.Known = max(schema.Known, status.Source.Version)
		schema.Migrations = append(schema.Migrations, Migration{
			ID: status.Source.Version, Name: status.Source.Path, AppliedAt: status.AppliedAt,
		})
	}
	return schema, nil
}

// SchemaVersion returns the newest migration applied to the state, and the newest
// that this release has.
func (s *Store) SchemaVersion(ctx context.Context) (version, known int64, err error) {
	err = s.reader.QueryRowContext(ctx, "SELECT MAX(version_id) FROM goose_db_version").Scan(&version)
	return version, s.known, explain(err, "schema")
}

// migrate applies pending migrations in order, each in a transaction.
// Migrations can't be undone: a release also runs on the schema of the
// previous one, and the next migration corrects mistakes.
func (s *Store) migrate(ctx context.Context, cfg *Config) error {
	unlock, err := s.lockMigration(ctx)
	if err != nil {
		return fmt.Errorf("waiting for the migration lock: %w", err)
	}
	return errors.Join(s.migrateLocked(ctx, cfg), unlock())
}

func (s *Store) migrateLocked(ctx context.Context, cfg *Config) error {
	provider, err := s.provider()
	if err != nil {
		return err
	}
	for _, source := range provider.ListSources() {
		s.known = max(s.known, source.Version)
	}
	version, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("reading the state's schema: %w", err)
	}
	if version > s.known {
		return newerSchema(version, s.known).
			WithHint("Run the release that wrote the state, or a newer one. You can only go back with a backup " +
				"from before the upgrade.")
	}
	if cfg.Refuse {
		return s.refusePending(ctx, provider, version)
	}
	if err := s.copyBefore(ctx, provider, version); err != nil {
		return err
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return fmt.Errorf("bringing the state's schema up to this release: %w", err)
	}
	for _, r := range results {
		if cfg.Migrated != nil {
			cfg.Migrated(Migration{ID: r.Source.Version, Name: r.Source.Path}, r.Duration)
		}
	}
	return nil
}

// refusePending returns an error if the state has pending migrations.
func (s *Store) refusePending(ctx context.Context, provider *goose.Provider, version int64) error {
	pending, err := provider.HasPending(ctx)
	if err != nil {
		return fmt.Errorf("reading the state's schema: %w", err)
	}
	if !pending {
		return nil
	}
	return problem.New(problem.Conflict, "The state has schema %d; this Windlass needs %d, and migrations are off.",
		version, s.known).WithHint("Make a backup, then run windlass migrate; windlass migrate --dry-run lists the changes.")
}

// provider returns the migration provider.
func (s *Store) provider() (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migration")
	if err != nil {
		return nil, fmt.Errorf("reading the migrations: %w", err)
	}
	dialect := goose.DialectSQLite3
	if s.dialect == Postgres {
		dialect = goose.DialectPostgres
	}
	provider, err := goose.NewProvider(dialect, s.writer, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("reading the migrations: %w", err)
	}
	return provider, nil
}
