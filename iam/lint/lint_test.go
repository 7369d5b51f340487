package lint_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/lint"
)

// example is a case of the corpus: a document and the finding it must have, or
// no finding of consequence.
type example struct {
	ID          string
	Source      string
	Description string
	PolicyType  string
	Policy      string
	Expected    string
	Severity    lint.Severity
	Absent      string
}

func examples(t *testing.T, path string) []example {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []example }
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	return file.Cases
}

// lint parses a policy type such as "identity:role" or "resource:s3:bucket"
// and returns the findings.
func (e example) lint(t *testing.T) []lint.Finding {
	t.Helper()
	name, rest, _ := strings.Cut(e.PolicyType, ":")
	kind, err := iam.ParseKind(name)
	if err != nil {
		t.Fatal(err)
	}
	var options lint.Options
	switch kind {
	case iam.Resource:
		_, options.BucketName, _ = strings.Cut(rest, ":")
	default:
		options.PrincipalKind = rest
	}
	return lint.Lint(kind, []byte(e.Policy), options)
}

func TestFindings(t *testing.T) {
	t.Parallel()
	cases := slices.Concat(examples(t, "testdata/findings.json"), examples(t, "testdata/corpus.json"),
		examples(t, "testdata/clean.json"), examples(t, "testdata/reports.json"))
	for _, e := range cases {
		t.Run(e.ID, func(t *testing.T) {
			t.Parallel()
			found := e.lint(t)
			if e.Expected == "" {
				for _, f := range found {
					if f.Severity != lint.Suggestion || f.Code == e.Absent {
						t.Errorf("%s: a clean policy has %s %s at %d:%d: %s", e.Description, f.Severity, f.Code, f.Line,
							f.Column, f.Message)
					}
				}
				return
			}
			for _, f := range found {
				if f.Code == e.Expected && f.Severity == e.Severity {
					return
				}
			}
			t.Errorf("%s: no %s %s among %+v", e.Description, e.Severity, e.Expected, found)
		})
	}
}

// Every code has two cases that have the finding and one that doesn't.
func TestCorpusIsWhole(t *testing.T) {
	t.Parallel()
	found, absent := map[string]int{}, map[string]int{}
	for _, e := range append(examples(t, "testdata/corpus.json"), examples(t, "testdata/findings.json")...) {
		found[e.Expected]++
		absent[e.Absent]++
	}
	for _, code := range lint.Codes() {
		if found[code.Code] < 2 || absent[code.Code] < 1 {
			t.Errorf("%s: %d cases that must be found and %d that must not", code.Code, found[code.Code],
				absent[code.Code])
		}
	}
}
