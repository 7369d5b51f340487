package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/client"
)

// TestCheckWhatIHave checks that existing documents of a role are checked by
// the access that they give, without calling AWS.
func TestCheckWhatIHave(t *testing.T) {
	t.Parallel()
	c := serveIntegrations(t)
	i := c.MustReserve(t)
	documents, err := i.Documents()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	trust, permission := file("trust.json", string(documents.Trust)), file("access.json", string(documents.Permission))
	before := c.Carrier.Calls()

	out := c.must(t, "check", "acme", "--trust", trust, "--permissions", permission, "--questions")
	if !strings.Contains(out, "The documents fit.") || !strings.Contains(out,
		"✓ refused assume the role without an External ID") || strings.Contains(out, "✗") {
		t.Errorf("the printed documents:\n%s", out)
	}

	open := file("open.json", `{"Role":{"AssumeRolePolicyDocument":`+strings.Replace(string(documents.Trust),
		"StringEquals", "StringEqualsIfExists", 1)+`}}`)
	status, out, _ := c.run(t, "check", "acme", "--trust", open)
	for _, want := range []string{
		"✗ insecure", "without an External ID", "Why: ", "confused deputy",
		"let in callers that must be refused", `+        "StringEquals"`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("an open trust policy does not say %q:\n%s", want, out)
		}
	}
	if status != 1 {
		t.Errorf("an open trust policy ended with %d", status)
	}

	wide := file("wide.json", strings.ReplaceAll(string(documents.Permission), "daily/*", "daily*"))
	status, out, _ = c.run(t, "check", "acme", "--permissions", wide, "--json")
	var checked client.CheckedDocuments
	if err := json.Unmarshal([]byte(out), &checked); err != nil || status != 1 {
		t.Fatalf("ended with %d: %v\n%s", status, err, out)
	}
	if checked.Verdict != "excess" || len(checked.Findings) < 2 || checked.Findings[0].Line == 0 ||
		checked.Diff == nil || checked.Diff.TrustPolicy != "" {
		t.Errorf("a wide policy: %+v", checked)
	}

	closed := file("bucket.json", `{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::acme-data/*\"}]}"}`)
	if status, out, _ = c.run(t, "check", "acme", "--permissions", permission, "--bucket-policy",
		closed); status != 1 || !strings.Contains(out, "(bucket policy, line 1)") {
		t.Errorf("a bucket that refuses ended with %d:\n%s", status, out)
	}
	if out = c.must(t, "check", "acme", "--permissions", permission, "--permissions", permission, "--boundary",
		permission); !strings.Contains(out, "The documents fit.") {
		t.Errorf("with a boundary:\n%s", out)
	}
	if status, _, errs := c.run(t, "check", "acme", "--permissions", permission, "--bucket-policy",
		"other="+closed); status != 1 || !strings.Contains(errs, "no location in the bucket") {
		t.Errorf("another bucket's policy ended with %d: %s", status, errs)
	}
	if status, _, errs := c.run(t, "check", "acme", "--permissions", permission, "--key-policy", closed); status != 2 ||
		!strings.Contains(errs, "--key-policy ARN=FILE") {
		t.Errorf("a key's policy without a key ended with %d: %s", status, errs)
	}
	if status, out, _ = c.run(t, "check", "acme", "--trust", file("torn.json", "{")); status != 2 ||
		!strings.Contains(out, "aren't valid policies") || strings.Contains(out, "+++") {
		t.Errorf("a torn document ended with %d:\n%s", status, out)
	}

	for _, args := range [][]string{{"check", "acme"}, {"check", "acme", "--trust", filepath.Join(dir, "none.json")}} {
		if status, _, errs := c.run(t, args...); status != 2 || errs == "" {
			t.Errorf("%v ended with %d: %s", args, status, errs)
		}
	}
	if status, _, errs := c.run(t, "check", "nobody", "--trust", trust); status != 1 || !strings.Contains(errs,
		"There is no integration nobody") {
		t.Errorf("another's integration ended with %d: %s", status, errs)
	}
	if calls := c.Carrier.Calls() - before; calls != 0 {
		t.Errorf("%d calls were made to AWS", calls)
	}
	if got := c.MustGet(t, i); got.State != "reserved" || got.Version != i.Version {
		t.Errorf("it changed the integration: %+v", got)
	}
}
