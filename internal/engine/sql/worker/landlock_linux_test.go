//go:build cgo

package worker

import "golang.org/x/sys/unix"

// landlockABI returns the version of the kernel's Landlock; or 0 if it has none.
func landlockABI() int {
	const version = 1 // LANDLOCK_CREATE_RULESET_VERSION
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, version)
	if errno != 0 {
		return 0
	}
	return int(abi)
}
