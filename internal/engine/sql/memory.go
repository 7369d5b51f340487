package sql

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// MemoryUsed returns how many bytes the processes of queries have in memory, or 0
// where the system doesn't have /proc.
func (e *Engine) MemoryUsed() int64 {
	var sum int64
	e.running.Range(func(pid, _ any) bool {
		sum += resident(pid)
		return true
	})
	return sum
}

// resident returns the bytes that a process has in memory, 0 if it has ended.
func resident(pid any) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
