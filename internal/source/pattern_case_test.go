package source_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

// patternCase is a line of testdata/pattern/cases.json; its README describes
// the members.
type patternCase struct {
	ID      string
	Pattern string
	Exclude []string
	Key     string
	Match   bool
	Prefix  string
	Refused string
	Bounded bool
}

// refusals has a part of the message for each reason.
var refusals = map[string]string{
	"empty":                 "is empty",
	"too_long":              "longer than",
	"leading_slash":         `begins with "/"`,
	"control_character":     "has a control character",
	"glued_stars":           "next to other characters",
	"not_closed":            "unclosed",
	"too_many_alternatives": "more than 128 alternatives",
	"nested_too_deep":       "more than 4 deep",
	"too_many_exclusions":   "more than 50 patterns",
}

func TestPatternCases(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/pattern/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []patternCase
	if err := json.Unmarshal(content, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 90 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, tc := range cases {
		t.Run(tc.ID, func(t *testing.T) {
			t.Parallel()
			tc.run(t)
		})
	}
}

func (tc *patternCase) run(t *testing.T) {
	t.Helper()
	p, err := source.ParsePattern(tc.Pattern, tc.Exclude)
	if tc.Refused != "" {
		want := refusals[tc.Refused]
		if want == "" || !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want a refusal as %s (%q)", err, tc.Refused, want)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if p.Prefix() != tc.Prefix {
		t.Errorf("prefix %q, want %q", p.Prefix(), tc.Prefix)
	}
	if got, reason := p.Match(tc.Key); got != tc.Match || (reason == "") != got {
		t.Errorf("key %q: got %t (%q), want %t", tc.Key, got, reason, tc.Match)
	}
}
