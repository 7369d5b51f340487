//go:build linux || darwin

// Package disk asks how much space a disk has.
package disk

import (
	"fmt"
	"syscall"
)

// Space returns what is free for this user, and the size, of a folder's disk, in
// bytes.
func Space(dir string) (free, total int64, err error) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return 0, 0, fmt.Errorf("statfs %s: %w", dir, err)
	}
	size := int64(disk.Bsize)                                        //nolint:unconvert // the type differs by system
	return int64(disk.Bavail) * size, int64(disk.Blocks) * size, nil //nolint:gosec // a disk's size fits
}
