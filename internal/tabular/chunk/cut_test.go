package chunk_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/tabular/chunk"
)

func TestValueIsCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                              "",
		"short":                         "short",
		strings.Repeat("a", 200):        strings.Repeat("a", 200),
		strings.Repeat("a", 201):        strings.Repeat("a", 200),
		strings.Repeat("é", 300):        strings.Repeat("é", 200),
		strings.Repeat("🙂", 201):        strings.Repeat("🙂", 200),
		"a\xffb":                        "a\uFFFDb",
		strings.Repeat("世", 199) + "ab": strings.Repeat("世", 199) + "a",
	} {
		if got := chunk.Cut([]byte(in)); got != want {
			t.Errorf("%q: got %q", in, got)
		}
	}
}
