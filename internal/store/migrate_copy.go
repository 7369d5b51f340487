package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"

	"github.com/windlass-io/windlass/internal/problem"
)

// Before a schema changes, the state is copied, because migrations can't be undone.
const (
	copiesDir = "before-upgrade" // next to the state
	copies    = 3                // the newest ones are kept
)

// copyBefore copies a SQLite state whose schema will change. PostgreSQL
// databases have their own backups.
func (s *Store) copyBefore(ctx context.Context, provider *goose.Provider, version int64) error {
	if s.dialect != SQLite || version == 0 {
		return nil
	}
	pending, err := provider.HasPending(ctx)
	if err != nil || !pending {
		return err
	}
	dir := filepath.Join(filepath.Dir(s.path), copiesDir)
	name := filepath.Join(dir, fmt.Sprintf("schema-%06d.db", version))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("copying the state before its schema changes: %w", err)
	}
	part := name + ".part"
	err = os.Remove(part)
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	if err == nil {
		err = makePrivate(part)
	}
	if err == nil {
		err = s.copyFile(ctx, part)
	}
	if err == nil {
		err = os.Rename(part, name)
	}
	if err != nil {
		return problem.Wrap(err, problem.Unavailable, "The state can't be copied to %s before its schema changes: %v.", dir, err).
			WithHint("Free disk space. The state wasn't changed.")
	}
	return keepNewest(dir)
}

// keepNewest removes all copies but the newest ones.
func keepNewest(dir string) error {
	found, err := filepath.Glob(filepath.Join(dir, "schema-*.db"))
	if err != nil {
		return err
	}
	slices.SortFunc(found, func(a, b string) int { return strings.Compare(b, a) })
	var errs []error
	for _, path := range found[min(copies, len(found)):] {
		errs = append(errs, os.Remove(path))
	}
	return errors.Join(errs...)
}
