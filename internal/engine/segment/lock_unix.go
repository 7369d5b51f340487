//go:build linux || darwin

package segment

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/windlass-io/windlass/internal/problem"
)

// lockFolder prevents other processes from opening a folder until the
// returned file is closed or the process ends, in any way.
func lockFolder(dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the folder is the operator's own setting
	if err != nil {
		return nil, fmt.Errorf("locking the folder of the rows: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return file, nil
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = problem.Wrap(err, problem.Conflict, "The rows in %s are in use by another process.", dir).
			WithHint("Stop the other process, or use another data folder.")
	}
	return nil, errors.Join(err, file.Close())
}
