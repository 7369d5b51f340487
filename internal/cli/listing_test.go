package cli_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/cli"
)

var (
	usageLine = regexp.MustCompile(`(?m)^  windlass (.*)$`)
	argument  = regexp.MustCompile(`[A-Z]+`)
)

// TestEmptyLists runs every command that lists something of a workspace against a
// service that has nothing. Programs get an empty list, not null.
func TestEmptyLists(t *testing.T) {
	t.Parallel()
	empty := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"items":[]}`))
	}))
	t.Cleanup(empty.Close)
	run := func(args ...string) (string, string, int) {
		var out, err bytes.Buffer
		status := cli.Run(t.Context(), "test", args, cli.Streams{
			In: strings.NewReader(""), Out: &out, Err: &err, Now: time.Now,
			Getenv: func(name string) string {
				return map[string]string{
					"WINDLASS_URL": empty.URL, "WINDLASS_TOKEN": "sk_right", "WINDLASS_WORKSPACE": "demo",
				}[name]
			},
		})
		return out.String(), err.String(), status
	}
	// These list something else than items of the workspace.
	other := map[string]bool{"integration impact": true, "reach": true, "source events list": true}
	tried := 0
	var walk func(path ...string)
	walk = func(path ...string) {
		help, _, _ := run(append(path, "--help")...)
		if parts := subcommands.FindStringSubmatch(help); parts != nil {
			for _, found := range subcommand.FindAllStringSubmatch(parts[1], -1) {
				if found[1] != "completion" && found[1] != "help" {
					walk(append(path[:len(path):len(path)], found[1])...)
				}
			}
		}
		usage := usageLine.FindStringSubmatch(help)
		if !strings.HasPrefix(help, "List ") || usage == nil || other[strings.Join(path, " ")] ||
			!strings.HasSuffix(usage[1], "[flags]") || !strings.Contains(help, "--url string") {
			return
		}
		words := strings.Fields(usage[1])[:len(path)]
		for _, word := range strings.Fields(usage[1])[len(path):] {
			if argument.FindString(word) == word {
				words = append(words, "x")
			}
		}
		out, fault, status := run(append(words, "--json")...)
		if status != 0 || strings.TrimSpace(out) != "[]" {
			t.Errorf("windlass %s --json ended with %d and printed %q %s", strings.Join(words, " "), status, out, fault)
		}
		tried++
	}
	walk()
	if tried < 20 {
		t.Errorf("only %d commands list something", tried)
	}
}
