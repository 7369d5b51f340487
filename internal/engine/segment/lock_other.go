//go:build !linux && !darwin

package segment

import (
	"fmt"
	"os"
	"path/filepath"
)

// lockFolder opens the lock file. On this system that doesn't block other
// processes.
func lockFolder(dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the folder of the rows: %w", err)
	}
	return file, nil
}
