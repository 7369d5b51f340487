//go:build cgo

package worker

import (
	"errors"
	"os"

	"github.com/landlock-lsm/go-landlock/landlock"
	"golang.org/x/sys/unix"
)

// overhead is the memory of the process in addition to DuckDB's limit: its
// program, stacks and what DuckDB doesn't count.
const overhead = 768 << 20

// confine limits the memory of the process, and makes the system kill it first
// when memory runs out.
func confine(memoryBytes int64) error {
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0) // if the system supports it
	bytes := uint64(memoryBytes) + overhead                         //nolint:gosec // not negative
	limits := []struct {
		what  int
		bytes uint64
	}{{unix.RLIMIT_DATA, bytes}, {unix.RLIMIT_CORE, 0}, {unix.RLIMIT_NOFILE, 1024}}
	for _, l := range limits {
		if err := unix.Setrlimit(l.what, &unix.Rlimit{Cur: l.bytes, Max: l.bytes}); err != nil &&
			!errors.Is(err, unix.EPERM) {
			return err
		}
	}
	return nil
}

// confineFiles makes files readable, a folder writable and everything else
// inaccessible, including the network, as far as the kernel supports it.
func confineFiles(files []string, folder string) error {
	rules := make([]landlock.Rule, 0, 2)
	if len(files) > 0 {
		rules = append(rules, landlock.ROFiles(files...))
	}
	if folder != "" {
		rules = append(rules, landlock.RWDirs(folder))
	}
	return landlock.V7.BestEffort().Restrict(rules...)
}
