package server_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/cli"
	"github.com/windlass-io/windlass/sandboxtest"
)

// terminal runs commands against a service.
type terminal struct {
	*outside
	home string
}

func (c *terminal) run(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	env := map[string]string{
		"WINDLASS_URL": c.url, "WINDLASS_TOKEN": c.token, "WINDLASS_WORKSPACE": "main", "HOME": c.home,
	}
	var stdout, stderr bytes.Buffer
	status = cli.Run(t.Context(), "test", args, cli.Streams{
		In: strings.NewReader(""), Out: &stdout, Err: &stderr, Now: time.Now,
		Getenv: func(name string) string { return env[name] },
	})
	return status, stdout.String(), stderr.String()
}

// expect runs a command, and checks its status and output.
func (c *terminal) expect(t *testing.T, want int, prints []string, args ...string) string {
	t.Helper()
	status, out, errs := c.run(t, args...)
	if status != want {
		t.Errorf("windlass %s: status %d, want %d\n%s%s", strings.Join(args, " "), status, want, out, errs)
	}
	for _, text := range prints {
		if !strings.Contains(out+errs, text) {
			t.Errorf("windlass %s prints no %q:\n%s%s", strings.Join(args, " "), text, out, errs)
		}
	}
	return out
}

// TestLoadCommands checks the exit status and the output of loads, on which
// scripts rely.
func TestLoadCommands(t *testing.T) {
	t.Parallel()
	aws := sandboxtest.Start(t)
	keys := aws.Customer.Keys
	aws.MustBucket(t, keys, "acme-data")
	put := func(key, text string) { aws.MustPut(t, keys, "acme-data", key, text) }
	c := &terminal{listenTo(t, aws, map[string]string{}), t.TempDir()}
	c.must(t, nil, "POST", "/v1/workspaces/main/credentials", c.token, fmt.Sprintf(
		`{"name":"key","access_key_id":%q,"secret_access_key":%q,"region":"us-east-1"}`, keys.AccessKeyID,
		keys.SecretAccessKey))
	c.must(t, nil, "POST", "/v1/workspaces/main/datasets", c.token, `{"name":"d","columns":[
		{"name":"id","type":"integer","required":true,"allow_null":false},
		{"name":"n","type":"integer","required":false,"allow_null":true}],"index":{"key":"id","unique":true}}`)
	c.expect(t, 0, nil, "source", "create", "--name", "src", "--credential", "key", "--bucket", "acme-data",
		"--pattern", "in/*")
	start := func(want int, prints []string, more ...string) {
		t.Helper()
		c.expect(t, want, prints, append([]string{
			"load", "start", "--source", "src", "--dataset", "d", "--wait",
		}, more...)...)
	}

	start(0, []string{"loaded, nothing", "No object matches"})
	put("in/_SUCCESS", "")
	put("in/a.csv", "id,n\n1,1\n2,x\n")
	c.expect(t, 0, []string{"in/_SUCCESS", "marker", "in/a.csv", "new"}, "source", "objects", "src")
	start(0, []string{"loaded, complete", "wrong_type: 1"})
	put("in/b.csv", "id,n\n3,3\n4,x\n")
	start(1, []string{"loaded, complete"}, "--strict")
	put("in/c.csv", "id,n\nx,1\n")
	put("in/d.csv", "id,n\n5,5\n")
	start(1, []string{"loaded, partial", "in/c.csv", "(all_rejected)"})
	start(1, []string{"failed", "all_rejected"})
	put("in/e.csv", "id,n\n6,6\n7,x\n")
	start(1, []string{"(max_rejected_percent)"}, "--max-rejected-percent", "50")
	start(2, nil, "--max-rejected-percent", "lots")

	list := c.expect(t, 0, []string{"b.csv"}, "source", "objects", "src")
	_, id, _ := strings.Cut(c.expect(t, 0, nil, "load", "list", "--json"), `"id": "`)
	id, _, _ = strings.Cut(id, `"`)
	c.expect(t, 0, []string{"jobId,lineNumber,error,object,column,value,reason,row", "in/e.csv", "wrong_type"},
		"load", "rejects", id)
	out := c.expect(t, 0, []string{`"raw": "7,x"`, `"row": 2`}, "load", "rejects", id, "--json", "--object", "in/e.csv")
	if strings.Contains(out, "c.csv") || !strings.Contains(list, "d.csv") {
		t.Errorf("rejected rows of one object:\n%s", out)
	}
	c.expect(t, 2, []string{"typo"}, "load", "rejects", id, "--reason", "typo")

	start(2, []string{"max_rejected_percent"}, "--max-rejected-percent", "101")
	c.expect(t, 2, []string{"format.delimiter"}, "source", "update", "src", "--delimiter", "\n")
	c.expect(t, 2, []string{"nothing to change"}, "source", "update", "src")
	c.expect(t, 0, nil, "source", "update", "src", "--include-markers")
	c.expect(t, 0, []string{`"include_markers": true`, `"pattern": "in/*"`}, "source", "show", "src", "--json")
}

// TestUnsavedSourceCommand previews a source before it is created, and checks that
// nothing is stored.
func TestUnsavedSourceCommand(t *testing.T) {
	t.Parallel()
	l := startListening(t)
	keys := l.aws.Customer.Keys
	l.must(t, nil, "POST", "/v1/workspaces/main/credentials", l.token, fmt.Sprintf(
		`{"name":"key","access_key_id":%q,"secret_access_key":%q,"region":"us-east-1"}`, keys.AccessKeyID,
		keys.SecretAccessKey))
	l.aws.MustPut(t, keys, "acme-data", "in/a.csv", "id;name\n1;Ann\n")
	l.aws.MustPut(t, keys, "acme-data", "in/b.txt", "x")
	l.expect(t, 0, []string{"1 of 2 objects match", "in/b.txt", "The pattern doesn't match the key.", "Ann", "integer"},
		"source", "preview", "--credential", "key", "--bucket", "acme-data", "--pattern", "in/*.csv")
	l.expect(t, 0, []string{`"from": "declared"`}, "source", "preview", "--credential", "key", "--bucket", "acme-data",
		"--pattern", "in/*.csv", "--delimiter", ";", "--json")
	l.expect(t, 2, []string{"use --bucket and --pattern"}, "source", "preview")
	var listed struct{ Items []any }
	l.must(t, &listed, "GET", "/v1/workspaces/main/sources", l.token, "")
	if len(listed.Items) != 0 {
		t.Errorf("a preview kept sources: %v", listed.Items)
	}
}
