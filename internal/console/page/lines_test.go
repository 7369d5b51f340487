package page_test

import (
	"slices"
	"testing"

	"github.com/windlass-io/windlass/internal/console/page"
)

func TestLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                       nil,
		" \r\n\t\n":              nil,
		"a":                      {"a"},
		"  a b \r\n\r\nc\n \nd ": {"a b", "c", "d"},
	} {
		if got := page.Lines(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
