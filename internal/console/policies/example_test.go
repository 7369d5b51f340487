package policies

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/iam"
)

// TestPolicyExamples checks that the examples have the results that their
// texts promise, and that after all corrections no finding with a correction
// is left.
func TestPolicyExamples(t *testing.T) {
	t.Parallel()
	want := map[string]struct {
		findings  int
		settles   int
		effect    iam.Effect
		explained string
	}{
		"storage-permission": {1, 0, iam.ImplicitDeny, "never carries s3:prefix"},
		"storage-trust":      {2, 0, iam.ImplicitDeny, "Name the caller in the Principal"},
		"ci-bucket":          {findings: 4},
		"bucket":             {0, 4, iam.Allow, "between accounts both must"},
		"session":            {0, 0, iam.ImplicitDeny, "does not allow s3:GetObject"},
		"boundary":           {0, 10, iam.ExplicitDeny, "NotTheArchive"},
	}
	for _, e := range policyExamples() {
		t.Run(e.ID, func(t *testing.T) {
			t.Parallel()
			text, err := e.document()
			if err != nil {
				t.Fatal(err)
			}
			form, want := policyForm{Kind: e.Kind, Document: text, Question: e.Question}, want[e.ID]
			answer, err := form.ask()
			if err != nil {
				t.Fatal(err)
			}
			if check := checkPolicy(form); len(check.Findings) != want.findings {
				t.Errorf("findings: %+v", check.Findings)
			}
			switch {
			case want.explained == "":
				if len(answer.Faults) != 1 {
					t.Errorf("it is answered: %+v", answer)
				}
			case answer.Trace.Decision != want.effect || answer.Line != want.settles ||
				!strings.Contains(string(answer.Explanation), want.explained):
				t.Errorf("%v at line %d:\n%s", answer.Trace.Decision, answer.Line, answer.Trace.Text())
			}
			form.Document = form.corrected(takeAll)
			if again := checkPolicy(form); again.Correctable > 0 {
				t.Errorf("corrected, it can be corrected further: %+v", again.Findings)
			}
		})
	}
}
