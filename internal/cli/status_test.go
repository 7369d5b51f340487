package cli_test

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/windlass-io/windlass/internal/cli"
)

// status returns the command "status N windlass ARGS" of scripts: it runs windlass and
// expects that exit status. in returns its standard input. Arguments with one of the
// extensions are files of the script.
func status(t *testing.T, in func() string, extensions ...string) func(*testscript.TestScript, bool, []string) {
	t.Helper()
	return func(ts *testscript.TestScript, _ bool, args []string) {
		for i, arg := range args { // the commands run in this process, which has another working folder
			if slices.Contains(extensions, filepath.Ext(arg)) {
				args[i] = filepath.Join(ts.Getenv("WORK"), arg)
			}
		}
		ended := cli.Run(t.Context(), "test", args[2:], cli.Streams{
			In: strings.NewReader(in()), Out: ts.Stdout(), Err: ts.Stderr(), Getenv: ts.Getenv, Now: time.Now,
		})
		if strconv.Itoa(ended) != args[0] {
			ts.Fatalf("windlass ended with status %d, not %s", ended, args[0])
		}
	}
}

// noInput is an empty standard input.
func noInput() string { return "" }
