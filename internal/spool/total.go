package spool

import "github.com/windlass-io/windlass/internal/disk"

// diskShare is the fraction of a disk that spools may use.
const diskShare = 10

// Total returns the limit for all files in a folder together: 8 GiB, or a
// tenth of its disk if that is less.
func Total(dir string) int64 {
	_, total, err := disk.Space(dir)
	if err != nil {
		return DefaultTotal
	}
	return min(DefaultTotal, total/diskShare)
}
