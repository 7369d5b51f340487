//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package journal

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"github.com/windlass-io/windlass/internal/problem"
)

// lockFile locks a file for this process. The lock is released when the file is
// closed or the process ends.
func lockFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the folder is the caller's to choose
	if err != nil {
		return nil, unusable("opening the lock", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close() // the first error matters
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, unusable("locking "+path, err)
		}
		return nil, problem.New(problem.Conflict, "%s is in use by another sandbox", filepath.Dir(path)).
			WithHint("Stop that one, or choose another folder.")
	}
	return file, nil
}
