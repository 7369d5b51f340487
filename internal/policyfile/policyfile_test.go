package policyfile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/lint"
	"github.com/windlass-io/windlass/internal/policyfile"
)

// read returns the documents of a file of testdata.
func read(t *testing.T, name string) []policyfile.Document {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	documents, err := policyfile.Read(name, content)
	if err != nil {
		t.Fatal(err)
	}
	return documents
}

// Every policy of a file is found, with its kind, and its findings point into
// the file.
func TestRead(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"main.tf": {
			"data.aws_iam_policy_document.read identity", "5:18 unknown-action", "9:18 unknown-condition-key",
			"data.aws_iam_policy_document.trust trust", "19:22 trust-principal-star",
			"aws_iam_role.ci.assume_role_policy trust", "29:33 oidc-missing-aud", "31:80 oidc-github-wildcard-sub",
			"aws_iam_role_policy.h.policy identity", "42:21 resource-star",
			"aws_iam_policy.u.policy identity",
		},
		"stack.yaml": {
			"Resources.Role.Properties.AssumeRolePolicyDocument trust", "11:30 trust-principal-star",
			"Resources.Role.Properties.Policies[0].PolicyDocument identity",
			"19:40 unknown-action", "22:25 action-resource-mismatch",
		},
		"cdk.template.json": {
			"Resources.Reader.Properties.PolicyDocument identity", "7:35 unknown-action",
		},
		"limits.yaml": {
			"Resources.Endpoint.Properties.PolicyDocument endpoint", "Resources.Control.Properties.Content rcp",
			"18:21 rcp-unsupported",
		},
		"limits.tf": {
			"aws_organizations_policy.all.content scp", "aws_vpc_endpoint.s3.policy endpoint",
		},
		"get-role.json":          {"Role.AssumeRolePolicyDocument trust", "2:43 trust-principal-star"},
		"get-bucket-policy.json": {"Policy resource", "2:93 public-access"},
		"plan.json": {
			"module.a.aws_iam_role.r.assume_role_policy trust", "5:131 trust-principal-star",
		},
		"values.yaml":  {"bucket.policy identity", "7:67 resource-star"},
		"policy.yaml":  {" identity", "3:11 invalid-effect"},
		"package.json": nil,
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, d := range read(t, name) {
				got = append(got, fmt.Sprintf("%s %s", d.Name, d.Kind))
				for _, f := range d.Lint(lint.Options{}) {
					got = append(got, fmt.Sprintf("%d:%d %s", f.Line, f.Column, f.Code))
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("documents and findings (-want +got)\n%s", diff)
			}
		})
	}
}

// Files that can't be read are errors that name the place.
func TestReadFails(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ content, want string }{
		"a.tf":   {"resource \"x\" {\n  a = [\n", "on line 3"},
		"a.yaml": {"a: b: c\n", "mapping values"},
		"a.json": {`{"Statement": [}`, "invalid character"},
		"b.yaml": {"a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n" +
			"c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n" +
			"e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n", "too large"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policyfile.Read(name, []byte(test.content))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

// Corrections change what AWS rejects or what has no effect, and nothing else.
func TestFix(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		policy      string
		corrections int
		want        []string // codes that are left
	}{
		"redundant": {`{"Version":"2012-10-17","Statement":[{"Effect":"allow","Action":["s3:GetObject","s3:Get*"],` +
			`"Resource":"arn:aws:s3:::b/*"}]}`, 2, nil},
		"comment": {"{ // why\n\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\"," +
			"\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::b/*\"}]}", 1, nil},
		"a misspelt action isn't corrected": {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
			`"Action":"s3:GetObjekt","Resource":"arn:aws:s3:::b/*"}]}`, 0, []string{"unknown-action"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := policyfile.Document{Kind: iam.Identity, Text: []byte(test.policy)}
			fixed, n := d.Fix(lint.Options{})
			if n != test.corrections {
				t.Errorf("%d corrections, want %d:\n%s", n, test.corrections, fixed)
			}
			var left []string
			for _, f := range lint.Lint(iam.Identity, fixed, lint.Options{}) {
				if f.Severity != lint.Warning {
					left = append(left, f.Code)
				}
			}
			if !slices.Equal(left, test.want) {
				t.Errorf("findings %v are left, want %v:\n%s", left, test.want, fixed)
			}
		})
	}
}

func TestSuppressions(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	const file = `
[[suppress]]
code = "resource-star"
file = "infra/**/audit.tf"
reason = "The audit reads every bucket."

[[suppress]]
code = "public-access"
document = "Policy"
reason = "A public data set."
expires = 2026-12-01

[[suppress]]
code = "lockout"
reason = "Known."
expires = 2026-11-30
`
	s, err := policyfile.ParseSuppressions([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		file, document, code string
		want                 bool
	}{
		{"infra/audit.tf", "", "resource-star", true},
		{"./infra/a/b/audit.tf", "", "resource-star", true},
		{"other/infra/audit.tf", "", "resource-star", false},
		{"infra/audit.tf", "", "overly-broad", false},
		{"b.json", "Policy", "public-access", true},
		{"b.json", "Other", "public-access", false},
		{"b.json", "", "lockout", false},
	} {
		d := policyfile.Document{File: test.file, Name: test.document}
		if _, got := s.Match(&d, &lint.Finding{Code: test.code}, now); got != test.want {
			t.Errorf("%s of %q in %s: suppressed %t, want %t", test.code, test.document, test.file, got, test.want)
		}
	}
	want := []string{"The suppression of lockout expired on 2026-11-30."}
	if diff := cmp.Diff(want, s.Notes(now)); diff != "" {
		t.Errorf("notes (-want +got)\n%s", diff)
	}
	for wrong, message := range map[string]string{
		"[[suppress]]\ncode = \"resource-star\"":                     "add a reason",
		"[[suppress]]\ncode = \"no-such\"\nreason = \"x\"":           "unknown code",
		"[[suppress]]\nrule = \"resource-star\"\nreason = \"x\"":     "rule",
		"[[suppress]]\ncode = \"lockout\"\nreason=\"x\"\nfile=\"[\"": "invalid pattern",
	} {
		if _, err := policyfile.ParseSuppressions([]byte(wrong)); err == nil ||
			!strings.Contains(err.Error(), message) {
			t.Errorf("%q: error %v, want one with %q", wrong, err, message)
		}
	}
}

// BenchmarkThousand reads and checks 1,000 files of mixed formats, one after
// the other.
func BenchmarkThousand(b *testing.B) {
	type source struct {
		name    string
		content []byte
	}
	var sources []source
	for _, name := range []string{"main.tf", "stack.yaml", "cdk.template.json", "get-role.json", "plan.json"} {
		content, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			b.Fatal(err)
		}
		sources = append(sources, source{name, content})
	}
	documents := 0
	for b.Loop() {
		documents = 0
		for i := range 1000 {
			s := sources[i%len(sources)]
			list, err := policyfile.Read(s.name, s.content)
			if err != nil {
				b.Fatal(err)
			}
			for j := range list {
				_ = list[j].Lint(lint.Options{})
			}
			documents += len(list)
		}
	}
	b.ReportMetric(float64(documents), "documents/op")
}
