package nearest_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/nearest"
)

func TestName(t *testing.T) {
	rule := nearest.Rule{Letters: 2, Bytes: 255}
	names := []string{"stations", "station_levels", "day", "Größe"}
	for _, test := range []struct{ misspelled, want string }{
		{"station", "stations"},
		{"STATIONS", "stations"},
		{"station_level", "station_levels"},
		{"größe", "Größe"},
		{"dya", "day"},
		{"pressure", ""},
		{strings.Repeat("stations", 100), ""},
	} {
		if got := rule.Name(test.misspelled, names); got != test.want {
			t.Errorf("Name(%q) = %q, want %q", test.misspelled, got, test.want)
		}
	}
	if got := rule.Name("stations", nil); got != "" {
		t.Errorf("of no names, the nearest is %q", got)
	}
}
