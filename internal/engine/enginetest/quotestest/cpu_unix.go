//go:build !windows

package quotestest

import (
	"syscall"
	"time"
)

// CPUTime returns the CPU time that the process used.
func CPUTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
