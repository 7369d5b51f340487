package lint_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/lint"
)

// The documents that two published guides tell readers to paste.
func TestSeeds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file string
		kind iam.Kind
		want []string
	}{
		{"storage-integration-policy.txt", iam.Identity, []string{
			"1:1 error json-syntax-error ",
			"13:19 error placeholder-left Statement[0].Resource",
			"19:9 error condition-key-never-present Statement[1].Action[1]",
			"21:19 error placeholder-left Statement[1].Resource",
			"25:13 warning placeholder-left Statement[1].Condition.StringLike.s3:prefix[0]",
		}},
		{"storage-integration-policy.json", iam.Identity, []string{
			"13:19 error placeholder-left Statement[0].Resource",
			"19:9 error condition-key-never-present Statement[1].Action[1]",
			"21:19 error placeholder-left Statement[1].Resource",
			"25:13 warning placeholder-left Statement[1].Condition.StringLike.s3:prefix[0]",
		}},
		{"storage-integration-trust.json", iam.Trust, []string{
			"7:16 error invalid-principal-format Statement[0].Principal.AWS",
			"12:29 error placeholder-left Statement[0].Condition.StringEquals.sts:ExternalId",
		}},
		{"ci-bucket-access-policy.txt", iam.Identity, []string{
			"1:1 error json-syntax-error ",
			"2:1 error json-syntax-error ",
			"10:21 warning action-pattern-partly-unusable Statement[0].Action",
			"11:23 error invalid-arn Statement[0].Resource",
		}},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range lintFile(t, c.kind, c.file) {
				got = append(got, fmt.Sprintf("%d:%d %s %s %s", f.Line, f.Column, f.Severity, f.Code, f.Path))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func lintFile(t *testing.T, kind iam.Kind, file string) []lint.Finding {
	t.Helper()
	document, err := os.ReadFile(filepath.Join("testdata/seeds", file))
	if err != nil {
		t.Fatal(err)
	}
	return lint.Lint(kind, document, lint.Options{})
}

// The corrected policy of the first guide allows s3:GetBucketLocation and has
// no findings but its placeholders.
func TestSeedCorrected(t *testing.T) {
	t.Parallel()
	findings := lintFile(t, iam.Identity, "storage-integration-policy.txt")
	i := slices.IndexFunc(findings, func(f lint.Finding) bool { return f.Code == "condition-key-never-present" })
	fixed := findings[i].Fix
	for _, f := range lint.Lint(iam.Identity, []byte(fixed), lint.Options{}) {
		if f.Code != "placeholder-left" {
			t.Errorf("the corrected document has a finding: %+v\n%s", f, fixed)
		}
	}
	if !strings.Contains(fixed, `"Action": "s3:GetBucketLocation",
      "Resource": "arn:aws:s3:::BUCKET"
    }`) {
		t.Errorf("GetBucketLocation has no statement of its own:\n%s", fixed)
	}
}
