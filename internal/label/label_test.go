package label_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/label"
)

func TestValid(t *testing.T) {
	for _, test := range []struct {
		name string
		want bool
	}{
		{"", true},
		{"daily wells", true},
		{"Größe – 北京", true},
		{strings.Repeat("a", label.MaxBytes), true},
		{strings.Repeat("a", label.MaxBytes+1), false},
		{" wells", false},
		{"wells ", false},
		{"a\tb", false},
		{"a\nb", false},
		{"a\x00b", false},
		{"a\u200bb", false},
		{"a\u00a0b", false},
	} {
		if got := label.Valid(test.name); got != test.want {
			t.Errorf("Valid(%q) = %t, want %t", test.name, got, test.want)
		}
	}
}
