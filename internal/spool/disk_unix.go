//go:build linux || darwin

package spool

import "syscall"

// diskShare is the part of a disk that spools may take.
const diskShare = 10

// Total returns how much all files in a folder may take together: 8 GiB, or a
// tenth of its disk when that is less.
func Total(dir string) int64 {
	var disk syscall.Statfs_t
	if syscall.Statfs(dir, &disk) != nil {
		return DefaultTotal
	}
	return min(DefaultTotal, int64(disk.Blocks)*int64(disk.Bsize)/diskShare) //nolint:gosec,unconvert // a disk's size fits; the types differ by system
}
