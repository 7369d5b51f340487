package disk

import (
	"errors"
	"os"
)

// SyncFolder makes the names in a folder durable.
func SyncFolder(dir string) error {
	folder, err := os.Open(dir) //nolint:gosec // a folder of the operator's own
	if err != nil {
		return err
	}
	return errors.Join(flush(folder), folder.Close())
}
