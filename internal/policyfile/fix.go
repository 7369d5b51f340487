package policyfile

import (
	"slices"

	"github.com/windlass-io/windlass/iam/lint"
)

// safe has the codes whose correction changes no decision: AWS rejects the
// policy as it is, or the part has no effect.
var safe = []string{
	"json-syntax-error", "invalid-effect", "invalid-version", "empty-sid", "redundant-action",
	"redundant-resource", "redundant-principal", "redundant-statement", "redundant-condition-value",
	"null-with-ifexists", "null-with-qualifier", "trust-has-resource", "wildcard-in-service",
}

// Fix returns the text of a document with its safe corrections, and how many
// there were. Only a document that is a whole file is corrected.
func (d *Document) Fix(options lint.Options) (fixed []byte, corrections int) {
	const most = 200
	if !d.Whole() {
		return d.Text, 0
	}
	text := d.Text
	for range most {
		findings := lint.Lint(d.Kind, text, options)
		i := slices.IndexFunc(findings, func(f lint.Finding) bool {
			return f.Fix != "" && slices.Contains(safe, f.Code)
		})
		if i < 0 || findings[i].Fix == string(text) {
			break
		}
		text = []byte(findings[i].Fix)
		corrections++
	}
	return text, corrections
}
