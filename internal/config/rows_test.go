package config_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/problem"
)

func TestRows(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		flags  map[string]string
		remote bool
		fault  string
	}{
		"by default":         {nil, false, ""},
		"local":              {map[string]string{"rows": "local"}, false, ""},
		"PostgreSQL":         {map[string]string{"rows": "postgres://windlass@db/rows"}, true, ""},
		"another database":   {map[string]string{"rows": "mysql://db/rows"}, false, "rows"},
		"without a database": {map[string]string{"rows": "postgres://db"}, false, "rows"},
		"a folder":           {map[string]string{"rows": "/srv/rows"}, false, "rows"},
		"too few connections": {
			map[string]string{"rows": "postgres://db/rows", "loads": "7"},
			false,
			"rows_connections",
		},
		"connections, no need": {map[string]string{"loads": "7"}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := config.Load(config.Sources{Getenv: func(string) string { return "" }, Flags: tc.flags})
			if tc.fault != "" {
				if err == nil || !strings.Contains(faults(err), tc.fault) {
					t.Errorf("loaded with %v, want a fault of %s", err, tc.fault)
				}
				return
			}
			if err != nil || got.RemoteRows() != tc.remote {
				t.Errorf("remote rows: %t, %v", got.RemoteRows(), err)
			}
		})
	}
}

// faults returns the names of the settings that are wrong.
func faults(err error) string {
	var names []string
	for _, f := range problem.From(err).Findings {
		names = append(names, f.Path)
	}
	return strings.Join(names, " ")
}
