package lint_test

import (
	"slices"
	"testing"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/lint"
)

// A corrected document is valid JSON, lacks at least one finding of the
// corrected code, and has no error or security finding with a new code.
func TestFixes(t *testing.T) {
	t.Parallel()
	fixed := map[string]bool{}
	for _, e := range slices.Concat(examples(t, "testdata/findings.json"), examples(t, "testdata/corpus.json")) {
		before := e.lint(t)
		for _, f := range before {
			if f.Fix == "" {
				continue
			}
			fixed[f.Code] = true
			if _, err := iam.ParseDocument([]byte(f.Fix)); err != nil {
				t.Errorf("%s: the correction of %s is not JSON: %v\n%s", e.ID, f.Code, err, f.Fix)
			}
			corrected := e
			corrected.Policy = f.Fix
			after := corrected.lint(t)
			if count(after, f.Code) >= count(before, f.Code) {
				t.Errorf("%s: %s is still there after its correction:\n%s", e.ID, f.Code, f.Fix)
			}
			for _, a := range after {
				if count(before, a.Code) == 0 && (a.Severity == lint.Error || a.Severity == lint.Security) &&
					!expected(f.Code, a.Code) {
					t.Errorf("%s: the correction of %s brings %s: %s\n%s", e.ID, f.Code, a.Code, a.Message, f.Fix)
				}
			}
		}
	}
	if len(fixed) < 35 {
		t.Errorf("only %d codes have a correction", len(fixed))
	}
}

// expected reports whether correcting one finding can reveal another: an
// invalid condition hides other problems in it.
func expected(mended, found string) bool {
	return slices.Contains(
		[]string{
			"json-syntax-error", "invalid-policy-element", "unknown-operator", "null-with-ifexists", "invalid-effect",
			"trust-mismatched-action", "invalid-arn",
		},
		mended,
	) &&
		found != "json-syntax-error"
}

func count(findings []lint.Finding, code string) int {
	n := 0
	for _, f := range findings {
		if f.Code == code {
			n++
		}
	}
	return n
}
