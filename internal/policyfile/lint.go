package policyfile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam/lint"
)

// Lint returns the findings for the document, at their positions in the file,
// without those that depend on unknown values.
func (d *Document) Lint(options lint.Options) []lint.Finding {
	if options.PrincipalKind == "" {
		options.PrincipalKind = d.Principal
	}
	findings := lint.Lint(d.Kind, d.Text, options)
	if d.Whole() {
		return findings
	}
	kept := findings[:0]
	for _, f := range findings {
		if d.depends(f) {
			continue
		}
		f.Line, f.Column = d.position(f.Column - 1)
		f.Fix = "" // it would be the policy without the file around it
		kept = append(kept, f)
	}
	return kept
}

// position returns the position in the file of an offset in the text.
func (d *Document) position(offset int) (line, column int) {
	i, found := slices.BinarySearchFunc(d.marks, offset, func(m mark, at int) int { return cmp.Compare(m.offset, at) })
	if !found {
		i--
	}
	at := d.marks[max(i, 0)].at
	return max(at.Line, 1), max(at.Column, 1)
}

// combined has the codes of findings that compare elements of a statement.
// They are at one element, and depend on others.
var combined = map[string][]string{
	"action-resource-mismatch":       {"Action", "Resource"},
	"action-pattern-partly-unusable": {"Action", "Resource"},
	"bucket-policy-other-bucket":     {"Resource"},
	"condition-key-never-present":    {"Action"},
	"irrelevant-condition-key":       {"Action"},
	"lockout":                        {"Principal", "NotPrincipal", "Condition"},
	"public-access":                  {"Principal", "Condition"},
	"escalation":                     {"Resource"},
	"redundant-statement":            {"Action", "Resource", "Principal", "Condition"},
}

// depends reports whether a finding depends on an unknown value.
func (d *Document) depends(f lint.Finding) bool {
	statement, _ := elementOf(f.Path)
	for _, g := range d.gaps {
		in, element := elementOf(g.path)
		switch {
		case f.Path == g.path || strings.HasPrefix(g.path, f.Path+"[") && f.Code != "resource-star":
			return true
		case in == "" || in != statement || !g.whole:
		case strings.HasPrefix(f.Path, in+"."+element), slices.Contains(combined[f.Code], element):
			return true
		case element == "Principal" || element == "Condition":
			if strings.HasPrefix(f.Code, "trust-") || strings.HasPrefix(f.Code, "oidc-") {
				return true
			}
		}
	}
	return false
}

// elementOf splits a path such as "Statement[0].Condition.StringLike" into the
// statement and its element.
func elementOf(path string) (statement, element string) {
	statement, rest, _ := strings.Cut(path, ".")
	if !strings.HasPrefix(statement, "Statement") {
		return "", ""
	}
	end := strings.IndexAny(rest, ".[")
	if end < 0 {
		end = len(rest)
	}
	return statement, rest[:end]
}
