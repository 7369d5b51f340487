//go:build linux || darwin

// Package disk measures the space on disks.
package disk

import (
	"fmt"
	"syscall"
)

// Space returns the bytes that are free for this user on a folder's disk, and
// its size.
func Space(dir string) (free, total int64, err error) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return 0, 0, fmt.Errorf("statfs %s: %w", dir, err)
	}
	size := int64(disk.Bsize)                                        //nolint:unconvert // the type differs by system
	return int64(disk.Bavail) * size, int64(disk.Blocks) * size, nil //nolint:gosec // a disk's size fits
}
