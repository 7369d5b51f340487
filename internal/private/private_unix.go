//go:build unix

package private

import (
	"io/fs"
	"os"
	"syscall"
)

// Umask makes every file that this process creates from now on private,
// including those that libraries create. It affects the whole process.
func Umask() { syscall.Umask(others) }

// owned returns the owner of a file, and reports whether it is this process's
// user, or the user is root.
func owned(info fs.FileInfo) (owner int, mine bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, true
	}
	me := os.Geteuid()
	return int(stat.Uid), me == 0 || int(stat.Uid) == me
}
