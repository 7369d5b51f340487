package door_test

import (
	"net/http"
	"testing"

	"github.com/windlass-io/windlass/internal/door"
)

func TestPreference(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]struct {
		value string
		ok    bool
	}{
		"":                                      {"", false},
		"respond-async":                         {"", false},
		"return=minimal":                        {"minimal", true},
		`RETURN = "minimal"; x=1`:               {"minimal", true},
		"respond-async, wait=5,return=minimal":  {"minimal", true},
		"return=minimal, return=representation": {"minimal", true},
		"returns=minimal":                       {"", false},
	} {
		r := &http.Request{Header: http.Header{"Prefer": {header}}}
		if value, ok := door.Preference(r, "return"); value != want.value || ok != want.ok {
			t.Errorf("%s: %q, %t", header, value, ok)
		}
		if got := door.Prefers(r, "return", "minimal"); got != want.ok {
			t.Errorf("%s: prefers %t", header, got)
		}
	}
}
