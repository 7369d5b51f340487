package source_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

func TestPatternMatches(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern string
		exclude []string
		key     string
		want    bool
	}{
		{"a/*.csv", nil, "a/b.csv", true},
		{"a/*.csv", nil, "a/b/c.csv", false},
		{"a/**/*.csv", nil, "a/b/c.csv", true},
		{"a/**/*.csv", nil, "a/c.csv", true},
		{"a/**", nil, "a/b/c", true},
		{"a/**", nil, "ab/c", false},
		{"a/?.csv", nil, "a/b.csv", true},
		{"a/?.csv", nil, "a/bb.csv", false},
		{"a/[0-9].csv", nil, "a/7.csv", true},
		{"a/{x,y}.csv", nil, "a/y.csv", true},
		{`a/\*.csv`, nil, "a/*.csv", true},
		{`a/\*.csv`, nil, "a/b.csv", false},
		{"a/*", []string{"a/*.tmp"}, "a/b.tmp", false},
		{"a/*", []string{"a/*.tmp"}, "a/b.csv", true},
		{"a/**", nil, "a/folder/", false},
	} {
		p, err := source.ParsePattern(tc.pattern, tc.exclude)
		if err != nil {
			t.Errorf("%q: %v", tc.pattern, err)
			continue
		}
		if got, reason := p.Match(tc.key); got != tc.want || (reason == "") != got {
			t.Errorf("%q excluding %q, key %q: got %t (%q), want %t", tc.pattern, tc.exclude, tc.key, got, reason,
				tc.want)
		}
	}
}

func TestPatternRefused(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"":                        "is empty",
		"/a":                      `begins with "/"`,
		"a\x00b":                  "control character",
		"a/**.csv":                "next to other characters",
		"a/[":                     "unclosed",
		"a/{b":                    "unclosed",
		"a\xff":                   "UTF-8",
		strings.Repeat("a", 1025): "longer than a key",
	} {
		_, err := source.ParsePattern(pattern, nil)
		if !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", pattern, err, want)
		}
	}
}

// The listing always has everything that matches.
func FuzzPatternPrefix(f *testing.F) {
	f.Add("a/b*.csv", "a/b1.csv")
	f.Add("a/{b,c}", "a/c")
	f.Add(`\a*`, "ab")
	f.Fuzz(func(t *testing.T, pattern, key string) {
		p, err := source.ParsePattern(pattern, nil)
		if err != nil {
			return
		}
		if matched, _ := p.Match(key); matched && !strings.HasPrefix(key, p.Prefix()) {
			t.Errorf("%q matches %q, which does not begin with %q", pattern, key, p.Prefix())
		}
	})
}
