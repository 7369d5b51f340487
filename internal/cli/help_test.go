package cli_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/cli"
)

var (
	subcommands = regexp.MustCompile(`(?s)Available Commands:\n(.*?)\n\n`)
	subcommand  = regexp.MustCompile(`(?m)^  (\S+)`)
)

// The help of every command has an example.
func TestEveryCommandShowsAnExample(t *testing.T) {
	t.Parallel()
	var walk func(path ...string)
	walk = func(path ...string) {
		var out bytes.Buffer
		streams := cli.Streams{
			In: strings.NewReader(""), Out: &out, Err: &out,
			Getenv: func(string) string { return "" }, Now: time.Now,
		}
		if status := cli.Run(t.Context(), "test", append(path, "--help"), streams); status != 0 {
			t.Fatalf("%v ended with %d: %s", path, status, out.String())
		}
		parts := subcommands.FindStringSubmatch(out.String())
		if parts == nil {
			if !strings.Contains(out.String(), "\nExamples:\n") {
				t.Errorf("windlass %s --help shows no example", strings.Join(path, " "))
			}
			return
		}
		for _, found := range subcommand.FindAllStringSubmatch(parts[1], -1) {
			if found[1] != "completion" && found[1] != "help" { // the library's own
				walk(append(path[:len(path):len(path)], found[1])...)
			}
		}
	}
	walk()
}
