package cli_test

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/windlass-io/windlass/internal/cli"
	"github.com/windlass-io/windlass/internal/testkit/vendingtest"
)

// TestGrantScripts runs scripts against a service that vends, with the
// integration "acme".
func TestGrantScripts(t *testing.T) {
	t.Parallel()
	run := func(ts *testscript.TestScript, args []string) int {
		for i, arg := range args {
			if strings.HasSuffix(arg, ".json") {
				args[i] = ts.MkAbs(arg)
			}
		}
		return cli.Run(t.Context(), "test", args, cli.Streams{
			In: strings.NewReader(""), Out: ts.Stdout(),
			Err: ts.Stderr(), Getenv: ts.Getenv, Now: time.Now,
		})
	}
	files, err := filepath.Glob("testdata/grant/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	testscript.Run(t, testscript.Params{
		Files: files, RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			w := vendingtest.Start(env.T().(testing.TB))
			env.Vars = append(env.Vars, "WINDLASS_URL="+w.URL, "WINDLASS_TOKEN=sk_right", "WINDLASS_WORKSPACE=demo",
				"HOME="+env.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"windlass": func(ts *testscript.TestScript, neg bool, args []string) {
				if status := run(ts, args); (status != 0) != neg {
					ts.Fatalf("windlass ended with status %d", status)
				}
			},
			"status": func(ts *testscript.TestScript, _ bool, args []string) {
				if status := run(ts, args[2:]); strconv.Itoa(status) != args[0] {
					ts.Fatalf("windlass ended with status %d, not %s", status, args[0])
				}
			},
		},
	})
}
