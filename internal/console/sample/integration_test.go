package sample_test

import (
	"testing"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/lint"
	"github.com/windlass-io/windlass/internal/console/sample"
)

// Readers may paste what pages show, so the policies must have no findings.
func TestPoliciesHaveNoFindings(t *testing.T) {
	for _, test := range []struct {
		kind     iam.Kind
		document string
	}{
		{iam.Trust, sample.TrustPolicy},
		{iam.Identity, sample.PermissionPolicy},
	} {
		for _, found := range lint.Lint(test.kind, []byte(test.document), lint.Options{}) {
			t.Errorf("%v: %s: %s", test.kind, found.Code, found.Message)
		}
	}
}
