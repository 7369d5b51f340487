package loads

import (
	"testing"
)

func TestHarmless(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"=1+1": "'=1+1", "-12.5": "-12.5", "+x": "'+x", "@x": "'@x",
		"x=1": "x=1", "": "",
	} {
		if got := harmless(value); got != want {
			t.Errorf("harmless(%q) = %q, want %q", value, got, want)
		}
	}
}
