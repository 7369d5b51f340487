package policycase_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/windlass-io/windlass/internal/cli/policycase"
)

// TestReaderKeepsEveryCase puts lines that aren't JSON between cases, and reads in chunks of
// every size.
func TestReaderKeepsEveryCase(t *testing.T) {
	t.Parallel()
	var text, want strings.Builder
	for range 300 {
		for _, line := range []string{`{"id":"a"}`, "nonsense", `{"id":"b"} `, `{"broken":`} {
			text.WriteString(line + "\n")
			want.WriteString(strings.TrimSpace(line) + "\n")
		}
		text.WriteString("}\n") // belongs to the broken case
		want.WriteString("}\n")
	}
	for name, source := range map[string]io.Reader{
		"whole":   strings.NewReader(text.String()),
		"halved":  iotest.HalfReader(strings.NewReader(text.String())),
		"by byte": iotest.OneByteReader(strings.NewReader(text.String())),
	} {
		reader := policycase.NewReader(source)
		var got strings.Builder
		for {
			part, err := reader.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got.WriteString(strings.TrimSpace(string(part)) + "\n")
		}
		if got.String() != want.String() {
			t.Errorf("%s: got\n%.300s\nwant\n%.300s", name, got.String(), want.String())
		}
	}
}
