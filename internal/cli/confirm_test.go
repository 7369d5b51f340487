package cli_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/cli"
)

// asked is a server with one dataset, one token and one source, all in use.
// It records requests.
type asked struct {
	*httptest.Server
	mu   sync.Mutex
	done []string
}

func serveAsked(t *testing.T) *asked {
	t.Helper()
	a := &asked{}
	impacts := map[string]string{
		"datasets/prices": `{"confirm":"prices","stops":[{"kind":"token","id":"tok_1","name":"site","last_used":"2026-01-02T03:04:05Z"}],"deletes":{"rows":1200,"bytes":9},"undo":"24h"}`,
		"tokens/tok_1":    `{"confirm":"site","stops":[{"kind":"token","id":"tok_1","name":"site"}],"deletes":{"rows":0,"bytes":0}}`,
		"sources/idle":    `{"confirm":"idle","stops":[],"deletes":{"rows":0,"bytes":0}}`,
	}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(r.URL.Path, "/v1/workspaces/demo/")
		thing, isImpact := strings.CutSuffix(path, "/impact")
		switch {
		case isImpact:
			_, _ = w.Write([]byte(impacts[thing]))
		case r.Method == http.MethodDelete:
			a.mu.Lock()
			defer a.mu.Unlock()
			a.done = append(a.done, path+"?"+r.URL.RawQuery)
			w.WriteHeader(http.StatusNoContent)
		default:
			_, _ = w.Write([]byte(`{"id":"ds_1","name":"prices"}`))
		}
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *asked) run(t *testing.T, terminal bool, input string, args ...string) (status int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	env := map[string]string{
		"WINDLASS_URL": a.URL, "WINDLASS_TOKEN": "sk_right", "WINDLASS_WORKSPACE": "demo",
		"HOME": t.TempDir(),
	}
	status = cli.Run(t.Context(), "test", args, cli.Streams{
		In: strings.NewReader(input), Out: &stdout, Err: &stderr, Now: time.Now,
		Getenv: func(name string) string { return env[name] }, Terminal: func() bool { return terminal },
	})
	return status, stdout.String(), stderr.String()
}

func TestConfirmation(t *testing.T) {
	t.Parallel()
	const dataset, token = "dataset remove prices", "token revoke tok_1"
	for name, c := range map[string]struct {
		command  string
		terminal bool
		input    string
		status   int
		done     string // the requested action
		says     string // to the person
	}{
		"nobody to ask": {dataset, false, "prices\n", 2, "", "1 token stops, and 1,200 rows are deleted."},
		"nobody, token": {
			token, false, "y\n", 2, "",
			"token site  tok_1  last used never\nThis can't be undone.",
		},
		"yes":        {dataset + " --yes", false, "", 0, "datasets/ds_1?confirm=prices", ""},
		"yes, token": {token + " -y", false, "", 0, "tokens/tok_1?confirm=site", ""},
		"named": {
			dataset, true, "prices\n", 0, "datasets/ds_1?confirm=prices",
			"Type prices to confirm: ",
		},
		"y for rows":          {dataset, true, "y\n", 1, "", "Nothing was changed."},
		"y for a token":       {token, true, "y\n", 0, "tokens/tok_1?confirm=site", "Type y to confirm: "},
		"no":                  {token, true, "n\n", 1, "", "Nothing was changed."},
		"an empty line":       {token, true, "\n", 1, "", "Nothing was changed."},
		"no answer":           {token, true, "", 2, "", "Add --yes"},
		"what can be undone":  {dataset, true, "no\n", 1, "", "You can restore it for 24 hours."},
		"nothing to ask":      {"source remove idle", false, "", 0, "sources/idle?confirm=idle", ""},
		"JSON, nobody to ask": {dataset + " --json", true, "prices\n", 2, "", "Add --yes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serveAsked(t)
			status, out, errs := a.run(t, c.terminal, c.input, strings.Fields(c.command)...)
			if status != c.status || strings.Join(a.done, ",") != c.done || !strings.Contains(errs, c.says) {
				t.Errorf("status %d, done %q\n%s%s", status, a.done, out, errs)
			}
			var summary struct{ Confirm string }
			if strings.Contains(c.command, "--json") && (json.Unmarshal([]byte(out), &summary) != nil ||
				summary.Confirm != "prices") {
				t.Errorf("--json prints %q", out)
			}
		})
	}
}

// TestAttackPlainHTTP checks that no command sends a token over plain HTTP to
// another machine unless that is explicitly accepted.
func TestAttackPlainHTTP(t *testing.T) {
	t.Parallel()
	commands := []string{
		"dataset list", "token whoami", "ci env --token-env JOB_TOKEN", "ci credentials --token-env JOB_TOKEN",
		"ci exec --token-env JOB_TOKEN -- true", "ci env --as-me", "login --device", "ci explain --token-env JOB_TOKEN",
	}
	for _, command := range commands {
		for address, refused := range map[string]bool{
			"http://windlass.invalid": true, "http://windlass.invalid:8080": true, "http://10.0.0.1:1": true,
			"http://127.0.0.1.example.invalid": true,
			"http://localhost.invalid":         true, "HTTP://windlass.invalid": true, "http://127.0.0.1:1": false,
			"http://localhost:1": false, "http://[::1]:1": false,
		} {
			for _, insecure := range []string{"", "flag", "true"} {
				if insecure != "" && !strings.HasSuffix(address, ".invalid") {
					continue
				}
				var stderr bytes.Buffer
				env := map[string]string{
					"WINDLASS_URL": address, "WINDLASS_TOKEN": "mk_secret", "WINDLASS_WORKSPACE": "demo",
					"HOME": t.TempDir(), "JOB_TOKEN": "aaa.bbb.ccc",
				}
				words := strings.Fields(command)
				if insecure == "flag" {
					words = slices.Insert(words, min(2, len(words)), "--insecure-http")
				} else {
					env["WINDLASS_INSECURE_HTTP"] = insecure
				}
				status := cli.Run(t.Context(), "test", words, cli.Streams{
					In: strings.NewReader(""), Out: &bytes.Buffer{}, Err: &stderr, Now: time.Now,
					Getenv: func(name string) string { return env[name] },
				})
				plain := strings.Contains(stderr.String(), "over plain HTTP")
				if status != 2 || plain != (refused && insecure == "") || strings.Contains(stderr.String(),
					"mk_secret") {
					t.Errorf("%s to %s, insecure %q: status %d\n%s", command, address, insecure, status, &stderr)
				}
			}
		}
	}
}
