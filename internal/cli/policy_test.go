package cli_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/windlass-io/windlass/internal/cli"
)

// TestScripts runs the scripts of commands that need no server, in this process.
// "windlass ARGS" must succeed; "status N windlass ARGS" must end with N.
func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	run := func(ts *testscript.TestScript, args []string) int {
		return cli.Run(t.Context(), "test", args, cli.Streams{
			In: strings.NewReader(""), Out: ts.Stdout(), Err: ts.Stderr(), Getenv: ts.Getenv, Now: time.Now,
		})
	}
	testscript.Run(t, testscript.Params{
		Files:               files,
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"windlass": func(ts *testscript.TestScript, neg bool, args []string) {
				if status := run(ts, absolute(ts, args)); (status != 0) != neg {
					ts.Fatalf("windlass ended with status %d", status)
				}
			},
			"status": func(ts *testscript.TestScript, _ bool, args []string) {
				if len(args) < 2 || args[1] != "windlass" {
					ts.Fatalf("usage: status N windlass ARGS")
				}
				if status := run(ts, absolute(ts, args[2:])); strconv.Itoa(status) != args[0] {
					ts.Fatalf("windlass ended with status %d, not %s", status, args[0])
				}
			},
		},
	})
}

// absolute makes the names of files in the script's folder absolute, since the
// scripts share one process.
func absolute(ts *testscript.TestScript, args []string) []string {
	out := make([]string, len(args))
	for i, arg := range args {
		out[i] = arg
		if i > 0 && args[i-1] == "--document" { // a name, not a file
			continue
		}
		if strings.HasSuffix(arg, ".json") || strings.HasSuffix(arg, ".txt") {
			out[i] = ts.MkAbs(arg)
		}
	}
	return out
}

func TestPolicyLintReadsWhatIsPipedIn(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	status := cli.Run(t.Context(), "test", []string{"policy", "lint", "--json", "--type", "trust", "-"}, cli.Streams{
		In: strings.NewReader(
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}`),
		Out:    &out,
		Err:    &errs,
		Getenv: func(string) string { return "" },
		Now:    time.Now,
	})
	var findings []struct {
		Code, Severity, Path, Message, Fix string
		Line, Column                       int
	}
	if err := json.Unmarshal(out.Bytes(), &findings); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	if status != 1 || errs.Len() > 0 || len(findings) != 1 || findings[0].Code != "trust-principal-star" ||
		findings[0].Line != 1 ||
		findings[0].Path != "Statement.Principal" {
		t.Errorf("status %d, %s, %+v", status, errs.String(), findings)
	}
}

// A document's content can't move the cursor of a terminal that shows its findings.
func TestPolicyLintPrintsNoControlCharacters(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	cli.Run(t.Context(), "test", []string{"policy", "lint", "-"}, cli.Streams{
		In: strings.NewReader(
			"{\"\x1b[2J\": 1,\r\n \"\\u001b]0;x\\u0007\": \"\u202e\", \"Statement\": [{\"Sid\": \"\u009b31m\"}]}"),
		Out:    &out,
		Err:    &errs,
		Getenv: func(string) string { return "" },
		Now:    time.Now,
	})
	if text := out.String() + errs.String(); strings.ContainsAny(text, "\x1b\x07\r\u202e\u009b") ||
		!strings.Contains(text, "error") {
		t.Errorf("%q", text)
	}
}
