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

// owned reports whether a file belongs to the user that runs this process, or
// root runs it.
func owned(info fs.FileInfo) (owner int, mine bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, true
	}
	me := os.Geteuid()
	return int(stat.Uid), me == 0 || int(stat.Uid) == me
}
