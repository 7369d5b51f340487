package json_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/tabular/json"
)

func TestLooks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`{"a":1}`: true, "  \n[\n {": true, `[]`: true, `[1,2]`: true, `{}`: true, `[`: true, `{`: true, `["a"`: true,
		"a,b\n": false, `[name],[id]`: false, `{a},{b}`: false, `"a","b"`: false, "": false, `[null]`: true,
		`[1]x`: true, `[1x]`: false,
	} {
		if got := json.Looks([]byte(text)); got != want {
			t.Errorf("%q: got %t", text, got)
		}
	}
}

func TestLooksLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"{\"a\":1}\n{\"a\":2}\n": true, "{\"a\":1}\n": false, "{\"a\":1}": false, "{\n\"a\":1}\n{": false,
		"[{\"a\":1}]\n{}":            false,
		"{\"a\":1}\r\n\r\n{\"a\":2}": true, "{\"a\":1}, {\"a\":2}\n{}": false,
	} {
		if got := json.LooksLines([]byte(text), true); got != want {
			t.Errorf("%q: got %t", text, got)
		}
	}
}
