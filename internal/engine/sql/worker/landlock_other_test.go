//go:build cgo && !linux

package worker

// landlockABI returns 0: the system has no Landlock.
func landlockABI() int { return 0 }
