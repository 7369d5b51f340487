package ci_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/setup/ci"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// variants returns orders that together use every line of a CI's documents.
func variants(kind provider.Kind, way ci.Way) map[string]ci.Order {
	full := order(kind, way)
	plain := full
	plain.Prefix, plain.Access, plain.Name, plain.Region = "", generate.Read, "reports", "eu-west-1"
	if kind == provider.CircleCI {
		plain.Job.Project, plain.Job.Ref, plain.Job.Users = "", "", nil
	}
	tag := full
	tag.Access, tag.Job.Ref = generate.Write, "refs/tags/v1"
	if kind == provider.Terraform {
		tag.Job.Ref = ""
	}
	out := map[string]ci.Order{"full": full, "plain": plain, "tag": tag}
	if kind == provider.GitHub {
		environment := full
		environment.Job.Ref, environment.Job.Environment = "", "production"
		out["environment"] = environment
	}
	return out
}

// printed returns a guide as one text.
func printed(guide ci.Guide) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n%s\n", guide.Title, guide.Verdict)
	for _, step := range guide.Steps {
		fmt.Fprintf(&out, "\n== %s\n%s\n", step.Title, step.Text)
		for _, d := range step.Documents {
			fmt.Fprintf(&out, "\n-- %s (%s)\n", d.Name, d.Language)
			if d.Text != ci.Script {
				out.WriteString(d.Text)
			}
		}
	}
	return out.String()
}

func TestGuides(t *testing.T) {
	t.Parallel()
	for _, kind := range provider.Presets() {
		for _, way := range ci.Ways() {
			for name, o := range variants(kind, way) {
				t.Run(fmt.Sprintf("%s-%s-%s", kind, way, name), func(t *testing.T) {
					t.Parallel()
					got := printed(write(t, o))
					path := filepath.Join("testdata", fmt.Sprintf("%s-%s-%s.golden", kind, way, name))
					if *update {
						if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
							t.Fatal(err)
						}
					}
					want, err := os.ReadFile(path)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(string(want), got); diff != "" {
						t.Errorf("(-want +got)\n%s", diff)
					}
				})
			}
		}
	}
}
