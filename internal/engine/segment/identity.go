package segment

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/problem"
)

// Files of the folder itself.
const (
	identityFile = "ID"   // has the folder's identity
	lockFile     = "LOCK" // is locked by the process that uses the folder
)

// openFolder compares the folder's identity with the state's. It only creates a
// new folder for a state that never had rows.
func (e *Engine) openFolder(ctx context.Context) error {
	expected, last, err := e.config.State.RowsIdentity(ctx)
	if err != nil {
		return err
	}
	found, err := e.readIdentity()
	if err != nil {
		return err
	}
	switch {
	case expected == "":
		expected, err = e.adopt(ctx, found)
	case found != expected:
		err = otherFolder(e.config.Dir, found, expected, last)
	}
	if err != nil {
		return err
	}
	e.identity = expected
	if e.lock, err = lockFolder(e.config.Dir); err != nil {
		return err
	}
	return e.config.State.SaveRowsIdentity(ctx, expected, e.config.Dir, e.config.Now())
}

// adopt returns the identity of the folder for a state that has none. It
// rejects a folder with the rows of another state.
func (e *Engine) adopt(ctx context.Context, found string) (string, error) {
	known, err := e.config.State.RowsDatasets(ctx)
	if err != nil {
		return "", err
	}
	folders, err := e.datasetFolders()
	if err != nil {
		return "", err
	}
	if len(known) > 0 || len(folders) > 0 {
		return "", otherFolder(e.config.Dir, found, "", "")
	}
	if found != "" { // the first start was interrupted
		return found, nil
	}
	made := "rows_" + strings.ToLower(rand.Text())
	return made, writeIdentity(e.config.Dir, made)
}

// FolderError reports a folder whose identity isn't the one that the state
// expects. "none" means no identity.
type FolderError struct{ Found, Expected string }

// Error names both identities, but no path.
func (e *FolderError) Error() string {
	return fmt.Sprintf("the folder with rows has the identity %s, but the state expects %s", e.Found, e.Expected)
}

func otherFolder(dir, found, expected, last string) error {
	e := &FolderError{Found: cmp.Or(found, "none"), Expected: cmp.Or(expected, "none")}
	p := problem.Wrap(e, problem.Conflict, "The folder %s doesn't have the rows of this state: its identity is %s, "+
		"but the state expects %s.",
		dir, e.Found, e.Expected)
	if last != "" && last != dir {
		return p.WithHint("The rows were in %s. Move that folder here, or restore the backup that belongs to this state.", last)
	}
	return p.WithHint("Restore the folder from the backup that belongs to this state, or start with the state that belongs to the folder.")
}

// readIdentity returns the identity in the folder; or "" if it has none.
func (e *Engine) readIdentity() (string, error) {
	b, err := os.ReadFile(filepath.Join(e.config.Dir, identityFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the identity of the rows: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// writeIdentity creates the folder with its identity and makes both durable.
func writeIdentity(dir, identity string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the folder of the rows: %w", err)
	}
	folder := parquetfile.Folder(dir)
	file, err := folder.Create(identityFile)
	if err != nil {
		return fmt.Errorf("writing the identity of the rows: %w", err)
	}
	_, err = file.Write([]byte(identity + "\n"))
	if err = errors.Join(err, file.Sync(), file.Close(), folder.Sync()); err != nil {
		return fmt.Errorf("writing the identity of the rows: %w", err)
	}
	return nil
}

// checkIdentity returns a problem if the folder isn't the one that was
// opened.
func (e *Engine) checkIdentity() error {
	found, err := e.readIdentity()
	if err == nil && found != e.identity {
		err = otherFolder(e.config.Dir, found, e.identity, "")
	}
	return err
}
