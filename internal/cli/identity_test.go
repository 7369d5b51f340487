package cli_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/client"
)

func TestIdentityShow(t *testing.T) {
	t.Parallel()
	c := serveIntegrations(t)
	status, out, errs := c.command(t, "", "identity", "show")
	for _, want := range []string{"Principal    " + c.Principal, "✓ s3:ListAllMyBuckets            refused (tried)"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if status != 0 { // given credentials, as here, are a sandbox's
		t.Errorf("it ended with %d: %s", status, errs)
	}
	var found client.Identity
	_, out, _ = c.command(t, "", "identity", "show", "--json")
	if err := json.Unmarshal([]byte(out), &found); err != nil || found.Source.Kind == "" || len(found.Rights) != 3 ||
		found.Account != c.AWS.Service.ID {
		t.Errorf("%v: %s", err, out)
	}
	if strings.Contains(out, c.Keys.SecretAccessKey) || strings.Contains(out, c.Keys.AccessKeyID) {
		t.Error("it tells the key")
	}
}
