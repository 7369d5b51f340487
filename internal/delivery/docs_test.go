package delivery_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/delivery"
)

var readings = regexp.MustCompile("(?ms)^```reading\n(.*?)^```$")

// TestExamples runs the requests of docs/reading.md.
func TestExamples(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/reading.md")
	if err != nil {
		t.Fatal(err)
	}
	w := prices(t)
	n := 0
	for _, block := range readings.FindAllStringSubmatch(string(page), -1) {
		for line := range strings.Lines(block[1]) {
			n++
			path, query, _ := strings.Cut(strings.TrimSpace(line), "?")
			name, key, _ := strings.Cut(path, "/")
			got, err := w.read(t, delivery.Target{Datasets: name, Keys: key}, query)
			if err != nil || len(got) < len("[{}]") {
				t.Errorf("%s%s, %v", line, got, err)
			}
		}
	}
	if n < 15 {
		t.Errorf("the page has %d requests", n)
	}
}
