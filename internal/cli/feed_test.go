package cli_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/windlass-io/windlass/internal/cli"
)

// TestFeedScripts runs scripts against a service with the source "prices". The
// command with-feed replaces FEED with the ID of the only feed.
func TestFeedScripts(t *testing.T) {
	t.Parallel()
	run := func(ts *testscript.TestScript, out *bytes.Buffer, args ...string) int {
		streams := cli.Streams{
			In: strings.NewReader(""), Out: ts.Stdout(), Err: ts.Stderr(), Getenv: ts.Getenv, Now: time.Now,
		}
		if out != nil {
			streams.Out = out
		}
		return cli.Run(t.Context(), "test", args, streams)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/feed",
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, "WINDLASS_URL="+planner(env.T().(testing.TB)), "WINDLASS_TOKEN=sk_right",
				"WINDLASS_WORKSPACE=demo", "HOME="+env.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": func(ts *testscript.TestScript, _ bool, args []string) {
				if status := run(ts, nil, args[2:]...); args[0] != string(rune('0'+status)) {
					ts.Fatalf("windlass ended with status %d, not %s", status, args[0])
				}
			},
			"with-feed": func(ts *testscript.TestScript, _ bool, args []string) {
				var out bytes.Buffer
				var feeds []struct{ ID string }
				if status := run(ts, &out, "feed", "list", "--json"); status != 0 {
					ts.Fatalf("listing feeds ended with status %d", status)
				}
				if err := json.Unmarshal(out.Bytes(), &feeds); err != nil || len(feeds) != 1 {
					ts.Fatalf("feeds: %s %v", out.Bytes(), err)
				}
				for i := range args {
					args[i] = strings.ReplaceAll(args[i], "FEED", feeds[0].ID)
				}
				if status := run(ts, nil, args[2:]...); args[0] != string(rune('0'+status)) {
					ts.Fatalf("windlass ended with status %d, not %s", status, args[0])
				}
			},
		},
	})
}
