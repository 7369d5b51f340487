package integrations

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/problem"
)

// Problems number the locations that were submitted, while the form numbers
// its rows.
func TestProblemAtRows(t *testing.T) {
	t.Parallel()
	form := integrationForm{Locations: []view.Location{
		{}, {Bucket: "harbour-exports"}, {}, {Bucket: "harbour-archive", Prefix: "x"},
	}}
	for name, c := range map[string]struct {
		path string
		want map[string]string
	}{
		"a row's field":       {"locations[1].prefix", map[string]string{"locations[3].prefix": "wrong"}},
		"a row as a whole":    {"locations[0]", map[string]string{"locations[1].bucket": "wrong"}},
		"no row":              {"locations[7].prefix", map[string]string{}},
		"all rows":            {"locations", map[string]string{"locations[0].bucket": "wrong"}},
		"one key of several":  {"kms_key_arns[2]", map[string]string{"kms_key_arns": "wrong"}},
		"another field":       {"role_arn", map[string]string{"role_arn": "wrong"}},
		"nothing of the form": {"", map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := form.integrationProblem(problem.New(problem.Invalid, "It can't be saved.").
				WithFindings(problem.Finding{Path: c.path, Message: "wrong"}))
			if diff := cmp.Diff(c.want, p.Fields); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
