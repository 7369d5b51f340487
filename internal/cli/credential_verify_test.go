package cli_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/client"
)

func TestCredentialVerify(t *testing.T) {
	t.Parallel()
	c := serveIntegrations(t)
	keys, _ := c.AWS.MustUser(t, c.AWS.Customer, "legacy", `{"Version":"2012-10-17","Statement":[`+
		`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::acme-data","Condition":{"StringLike":{"s3:prefix":"daily/*"}}},`+
		`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-data/daily/*"}]}`)
	if status, out, errs := c.command(t, keys.SecretAccessKey+"\n", "credential", "add", "--name", "legacy",
		"--access-key-id", keys.AccessKeyID); status != 0 {
		t.Fatalf("add ended with %d: %s%s", status, out, errs)
	}
	verify := func(args ...string) (int, string, string) {
		return c.command(t, "", append([]string{"credential", "verify", "legacy"}, args...)...)
	}
	if status, _, errs := verify("--last"); status != 1 || !strings.Contains(errs, "has never been verified") {
		t.Errorf("before the first, --last ended with %d: %s", status, errs)
	}
	status, out, _ := verify("--location", "s3://acme-data/daily/")
	for _, want := range []string{
		"! access-key", "Cause: With a role, there is no key to lose",
		"windlass integration create --name legacy", "✓ get-outside", "\nVerified.\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if status != 0 || strings.Contains(out, keys.SecretAccessKey) {
		t.Errorf("it ended with %d:\n%s", status, out)
	}
	status, out, _ = verify("--location", "s3://acme-data/private/")
	if status != 1 || !strings.Contains(out, "✗ list ") || !strings.Contains(out,
		"aws iam put-user-policy --user-name USER") {
		t.Errorf("what it does not open ended with %d:\n%s", status, out)
	}
	_, out, _ = verify("--last", "--json")
	var v client.Verification
	if err := json.Unmarshal([]byte(out), &v); err != nil || v.State != "failing" ||
		v.Subject.Locations[0].Prefix != "private/" {
		t.Errorf("--last: %v\n%s", err, out)
	}
	for _, args := range [][]string{{}, {"--location", "acme-data"}, {"--last", "--location", "s3://acme-data/"}} {
		if status, _, errs := verify(args...); status != 2 || errs == "" {
			t.Errorf("%v ended with %d: %s", args, status, errs)
		}
	}
}
