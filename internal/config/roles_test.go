package config_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/config"
)

func TestRoles(t *testing.T) {
	t.Parallel()
	shared := map[string]string{"database": "postgres://db/windlass", "rows": "postgres://db/windlass"}
	for name, tc := range map[string]struct {
		roles  string
		shared bool
		want   string
		fault  bool
	}{
		"by default":               {"", false, "serve load schedule", false},
		"all, alone":               {"schedule,load,serve", false, "serve load schedule", false},
		"one, alone":               {"serve", false, "", true},
		"one":                      {"load", true, "load", false},
		"two, with spaces":         {"schedule , load", true, "load schedule", false},
		"twice the same":           {"load,load", true, "load", false},
		"one that there is not":    {"serve,read", true, "", true},
		"in capitals":              {"Serve", true, "", true},
		"a comma at the end":       {"serve,", true, "", true},
		"nothing but white space":  {" ", true, "serve load schedule", false},
		"two, and rows of its own": {"serve,load", false, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flags := map[string]string{}
			if tc.shared {
				flags = maps.Clone(shared)
			}
			if tc.roles != "" {
				flags["roles"] = tc.roles
			}
			got, err := config.Load(config.Sources{Getenv: func(string) string { return "" }, Flags: flags})
			if tc.fault {
				if err == nil || !slices.Contains(strings.Fields(faults(err)), "roles") {
					t.Errorf("loaded with %v, want a fault of roles", err)
				}
				return
			}
			if list := strings.Join(got.NodeRoles(), " "); err != nil || list != tc.want {
				t.Errorf("roles %q, want %q; %v", list, tc.want, err)
			}
		})
	}
}
