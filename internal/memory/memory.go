// Package memory determines how much memory the service may use.
package memory

import (
	"cmp"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
)

// The default budget: a fraction of the available memory, and a minimum.
const (
	share = 4
	least = 256 << 20
)

// Default returns the default budget: a quarter of the memory of the cgroup,
// GOMEMLIMIT or the machine, at least 256 MiB.
func Default() int64 { return budget(available("/")) }

func budget(available int64) int64 { return max(least, available/share) }

// Limit limits the memory of the Go runtime to seven eighths of a budget, unless
// GOMEMLIMIT is set. The rest is for memory that the runtime doesn't count: the pages
// of the program itself.
func Limit(bytes int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(bytes - bytes/8)
	}
}

// available returns the memory that the process may use, or 0 if it isn't known.
// root is the root of the file system.
func available(root string) int64 {
	found := int64(math.MaxInt64)
	for _, n := range []int64{debug.SetMemoryLimit(-1), cgroup(root), machine(root)} {
		if n > 0 {
			found = min(found, n)
		}
	}
	if found == math.MaxInt64 {
		return 0
	}
	return found
}

// cgroup returns the smallest limit of the process's cgroup and its parents, or
// 0 if there is none.
func cgroup(root string) int64 {
	text, err := os.ReadFile(filepath.Join(root, "proc/self/cgroup")) //nolint:gosec // a file of the system
	if err != nil {
		return 0
	}
	var found int64
	for line := range strings.Lines(string(text)) {
		_, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, path, _ := strings.Cut(rest, ":")
		switch controllers {
		case "":
			found = tightest(found, filepath.Join(root, "sys/fs/cgroup"), path, "memory.max")
		case "memory":
			found = tightest(found, filepath.Join(root, "sys/fs/cgroup/memory"), path, "memory.limit_in_bytes")
		}
	}
	return found
}

// tightest returns the least of found and the limits in the folders from path up
// to mount. In a container the path may be that outside; mount has the limit then.
func tightest(found int64, mount, path, file string) int64 {
	for at := filepath.Clean("/" + path); ; at = filepath.Dir(at) {
		if n := readNumber(filepath.Join(mount, at, file)); n > 0 {
			found = min(cmp.Or(found, n), n)
		}
		if at == "/" {
			return found
		}
	}
}

// readNumber reads a file with one number. It returns 0 if the file has none,
// such as "max".
func readNumber(name string) int64 {
	text, err := os.ReadFile(name) //nolint:gosec // a file of the system
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || n >= 1<<60 { // cgroup v1 has no limit as a number near 2^63
		return 0
	}
	return n
}

// machine returns the memory of the machine, or 0 if it isn't known.
func machine(root string) int64 {
	text, err := os.ReadFile(filepath.Join(root, "proc/meminfo")) //nolint:gosec // a file of the system
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) >= 2 && fields[0] == "MemTotal:" {
			n, _ := strconv.ParseInt(fields[1], 10, 64)
			return n << 10
		}
	}
	return 0
}
