//go:build cgo && !linux

package worker

// confine has no effect on this system, where only DuckDB's own limit applies.
func confine(int64) error { return nil }

// confineFiles has no effect on this system, where only DuckDB's own list of
// files applies.
func confineFiles([]string, string) error { return nil }
