package lint_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/iam/lint"
)

var update = flag.Bool("update", false, "rewrite docs/findings.md")

// The findings page in the docs is generated from the codes and the corpus.
func TestFindingsPage(t *testing.T) {
	t.Parallel()
	const path = "../../docs/findings.md"
	got := page(t)
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
		t.Errorf("docs/findings.md is stale; run go test ./iam/lint -update (-want +got)\n%s", diff)
	}
}

func page(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	out.WriteString(`# Findings

The findings of ` + "`windlass policy lint`" + ` and the package ` + "`iam/lint`" + `. Codes are stable. An **error**
is a policy that AWS rejects, or a statement that never takes effect. A **security** finding is a
policy that allows more than intended. A **warning** is a policy that works, but probably not as
intended. A **suggestion** is a policy that could be simpler. The exit status is 1 if there is an
error or a security finding.

The tests check every example. Long statements are abridged. To update this page, run
` + "`go test ./iam/lint -update`" + `.
`)
	cases := examples(t, "testdata/corpus.json")
	severity := lint.Severity("")
	for _, code := range lint.Codes() {
		if code.Severities[0] != severity {
			severity = code.Severities[0]
			fmt.Fprintf(&out, "\n## %s%s\n\n| code | what is wrong | such as | AWS |\n|---|---|---|---|\n",
				strings.ToUpper(string(severity[:1])), severity[1:])
		}
		also := ""
		if len(code.Severities) > 1 {
			also = fmt.Sprintf(" (%s, %s)", code.Severities[0], code.Severities[1])
		}
		fmt.Fprintf(&out, "| `%s`%s | %s | %s | [page](%s) |\n", code.Code, also, code.Summary,
			sample(cases, code.Code), code.Reference)
	}
	return out.String()
}

// sample returns the first case of a code that is short enough.
func sample(cases []example, code string) string {
	var first string
	for _, e := range cases {
		if e.Expected != code {
			continue
		}
		snippet := compact(e.Policy)
		if statement, ok := strings.CutPrefix(snippet, `{"Version":"2012-10-17","Statement":[`); ok {
			if only, ok := strings.CutSuffix(statement, "]}"); ok && only != "" {
				snippet = only
			}
		}
		if snippet != "" && len(snippet) <= 320 {
			return e.Description + " `" + strings.ReplaceAll(snippet, "|", "\\|") + "`"
		}
		if first == "" {
			first = e.Description
		}
	}
	return first
}

func compact(document string) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(json.RawMessage(document)); err != nil {
		return strings.Join(strings.Fields(document), " ")
	}
	return strings.TrimSpace(out.String())
}
