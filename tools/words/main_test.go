package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const testRules = "# comment\n\nskip\tgen/\nwidth\t.go\t40\nwidth\t.html\t20\nsince\tabc\n" +
	"doc\t^\\w+ gives\\b\tuse returns\nname\t^nothing$\tuse a noun\ntext\t\\banew\\b\tuse " +
	"again\nproduct\t%d times\tuse a plural\ncommit\t^What\tbegin with a verb\n"

func TestCheck(t *testing.T) {
	tests := []struct {
		name, file, content string
		want                []string
	}{
		{"clean", "a.go", "// Package a works.\npackage a\n", nil},
		{"comment", "a.go", "package a\n\n// It starts\n// anew.\nvar x = 1\n", []string{`a.go:4: "anew": use again`}},
		{
			"product", "a.go", "package a\n\nvar x = \"%d times\"\n",
			[]string{`a.go:3: "%d times": use a plural`},
		},
		{"product text in a test", "a_test.go", "package a\n\nvar x = \"%d times\"\n", nil},
		{"string", "a.go", "package a\n\nvar x = \"anew\"\n", []string{`a.go:3: "anew": use again`}},
		{
			"second line of a raw string", "a.go", "package a\n\nvar x = `a\nanew`\n",
			[]string{`a.go:4: "anew": use again`},
		},
		{"doc", "a.go", "package a\n\n// F gives x.\nfunc F() {}\n", []string{`a.go:3: "F gives": use returns`}},
		{
			"doc of a field", "a.go", "package a\n\ntype T struct {\n\t// F gives x.\n\tF int\n}\n",
			[]string{`a.go:4: "F gives": use returns`},
		},
		{"not a doc", "a.go", "package a\n\nfunc f() {\n\t// F gives x.\n}\n", nil},
		{"names", "a.go", "package a\n\nfunc nothing() { nothing := 1; _ = nothing }\n", []string{
			`a.go:3: 44 columns, at most 40`, `a.go:3: "nothing": use a noun`, `a.go:3: "nothing": use a noun`,
		}},
		{"not Go", "a.go", "package\n", []string{"a.go:1: it does not parse: a.go:1:9: expected 'IDENT', found 'EOF'"}},
		{"Markdown", "a.md", "one\nanew " + strings.Repeat("x", 100) + "\n", []string{`a.md:2: "anew": use again`}},
		{"template", "a.html", "<p>anew</p>                 .\n", []string{
			`a.html:1: 29 columns, at most 20`,
			`a.html:1: "anew": use again`,
		}},
		{
			"a text that can't be cut", "a.go", "package a\n\nvar x = \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n",
			nil,
		},
		{
			"a text that can be moved", "a.go", "package a\n\nvar xxxxxxxxxxxxxxxxxxxxxx, y = f(1), \"bbb\"\n",
			[]string{"a.go:3: 43 columns, at most 40"},
		},
		{"a directive", "a.go", "package a\n\nvar x = f(1) //nolint:gosec // the caller names it\n", nil},
		{"data of a test", "a_test.go", "package a\n\nvar x = f(`" + strings.Repeat("x", 61) + "`, 1)\n", nil},
		{"other files", "a.txt", "anew\n", nil},
	}
	rules, err := parseRules(testRules)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			rules.check(tc.file, []byte(tc.content), collect(&got))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("findings differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckSubject(t *testing.T) {
	tests := []struct{ subject, want string }{
		{"load: retry a throttled list", ""},
		{"load: What was listed", `commit abc:1: "What": begin with a verb`},
		{"retry a throttled list", `commit abc:1: want "area: imperative summary": retry a throttled list`},
		{"load: " + strings.Repeat("x", 67), "commit abc:1: the subject has 73 characters, at most 72: load: " +
			strings.Repeat("x", 67)},
	}
	rules, err := parseRules(testRules)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range tests {
		t.Run(tc.subject, func(t *testing.T) {
			var got []string
			rules.checkSubject("abc", tc.subject, collect(&got))
			if text := strings.Join(got, "\n"); text != tc.want {
				t.Errorf("findings are %q, want %q", text, tc.want)
			}
		})
	}
}

func TestParseRules(t *testing.T) {
	rules, err := parseRules(testRules)
	if err != nil {
		t.Fatal(err)
	}
	if rules.since != "abc" || rules.widths[".go"] != 40 || len(rules.rules) != 5 {
		t.Errorf("parsed %+v", rules)
	}
	if !rules.skips("gen/x.go") || rules.skips("general.go") {
		t.Error("skip gen/ must leave out the folder gen, and only that")
	}
	for _, bad := range []string{"text\t(\tx", "other\ta\tb", "text\ta", "width\t.go\tmany", "width\t.go\t0"} {
		if _, err := parseRules(bad); err == nil || !strings.HasPrefix(err.Error(), "line 1: ") {
			t.Errorf("parseRules(%q) returned %v, want an error that names the line", bad, err)
		}
	}
}

func collect(into *[]string) func(finding) {
	return func(f finding) { *into = append(*into, f.String()) }
}
