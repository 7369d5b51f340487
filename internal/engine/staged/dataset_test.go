package staged_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/engine/staged"
)

func TestCheckID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"ds_01jdxkq5z6t8n9m0": true, "A-z_09": true, strings.Repeat("x", 100): true,
		"": false, strings.Repeat("x", 101): false, "..": false, "a/b": false, "a b": false, "a\n": false, "ä": false,
		"\xff": false, "a\x00": false, "a.parquet": false, `a"`: false,
	} {
		if err := staged.CheckID(id); (err == nil) != want {
			t.Errorf("%q: %v", id, err)
		}
	}
}
