package config

import (
	"net/url"
	"strings"
)

// localRows is the value of rows that keeps them in files.
const localRows = "local"

// RemoteRows reports whether rows are in a database, and not in files of this
// machine.
func (c *Config) RemoteRows() bool { return c.Rows != "" && c.Rows != localRows }

// checkRows validates where rows are.
func (c *Config) checkRows(add func(name, message string)) {
	if !c.RemoteRows() {
		return
	}
	u, err := url.Parse(c.Rows)
	if err != nil || !strings.HasPrefix(c.Rows, "postgres://") && !strings.HasPrefix(c.Rows, "postgresql://") ||
		strings.Trim(u.Path, "/") == "" {
		add("rows", "must be local or an address such as postgres://windlass@db.example.com/rows")
	}
	if c.RowConnections < c.Loads+2 || c.RowConnections > 1000 { // each load holds one
		add("rows_connections", "must be at least 2 more than loads, and at most 1000")
	}
}
