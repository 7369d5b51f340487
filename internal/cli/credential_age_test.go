package cli_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/cli"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/secret"
)

// The list shows the age of a key and when it must be replaced.
func TestCredentialAges(t *testing.T) {
	t.Parallel()
	c := serveIntegrations(t)
	if _, err := c.Credentials.Add(t.Context(), c.Actor, c.Actor.Workspace, credential.Draft{
		Name: "circleci", AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: secret.New(strings.Repeat("s", 40)),
	}); err != nil {
		t.Fatal(err)
	}
	for days, want := range map[int]string{10: "10 days", 100: "now (was due on "} {
		var out, errs bytes.Buffer
		env := map[string]string{
			"WINDLASS_URL": c.url, "WINDLASS_TOKEN": "sk_right", "WINDLASS_WORKSPACE": "demo",
			"HOME": t.TempDir(),
		}
		later := time.Now().Add(time.Duration(days)*24*time.Hour + time.Minute)
		status := cli.Run(t.Context(), "test", []string{"credential", "list"}, cli.Streams{
			Out: &out, Err: &errs, Getenv: func(name string) string { return env[name] },
			Now: func() time.Time { return later },
		})
		if status != 0 || !strings.Contains(out.String(), want) {
			t.Errorf("after %d days it ends with %d:\n%s%s", days, status, out.String(), errs.String())
		}
	}
}
