package rowtext_test

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"

	"github.com/windlass-io/windlass/internal/rowtext"
)

// FuzzStrings checks with encoding/json that any text decodes to itself.
func FuzzStrings(f *testing.F) {
	for _, text := range []string{
		"", "a\"b\\", "\u2028\u2029", "\xff\xe2\x80", "\x00\x1f\x7f", "€𝄞", "eight ch", "seven \"c", "ten \x1f chars",
		"\x7f~ !#[]^ plain", "back\\slash",
	} {
		f.Add([]byte(text), 1.5)
	}
	f.Fuzz(func(t *testing.T, text []byte, x float64) {
		var back string
		if err := json.Unmarshal(rowtext.AppendString(nil, text), &back); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if want := string([]rune(string(text))); back != want {
			t.Errorf("%q became %q", want, back)
		}
		var number *float64
		if err := json.Unmarshal(rowtext.AppendNumber(nil, x), &number); err != nil || number != nil && *number != x ||
			number == nil && !math.IsNaN(x) && !math.IsInf(x, 0) {
			t.Errorf("%v became %v, %v", x, number, err)
		}
	})
}

// TestAppendString has each byte at each place of a text.
func TestAppendString(t *testing.T) {
	t.Parallel()
	for length := range 20 {
		for at := range length {
			for c := range 256 {
				text := bytes.Repeat([]byte("a"), length)
				text[at] = byte(c)
				var back string
				if err := json.Unmarshal(rowtext.AppendString(nil, text), &back); err != nil {
					t.Fatalf("%q: %v", text, err)
				}
				if want := string([]rune(string(text))); back != want {
					t.Errorf("%q became %q", want, back)
				}
			}
		}
	}
}
