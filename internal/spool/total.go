package spool

import "github.com/windlass-io/windlass/internal/disk"

// diskShare is the part of a disk that spools may take.
const diskShare = 10

// Total returns how much all files in a folder may take together: 8 GiB, or a
// tenth of its disk when that is less.
func Total(dir string) int64 {
	_, total, err := disk.Space(dir)
	if err != nil {
		return DefaultTotal
	}
	return min(DefaultTotal, total/diskShare)
}
