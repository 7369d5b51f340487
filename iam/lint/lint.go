// Package lint finds what is wrong with a policy before AWS, or an attacker,
// does: what AWS would refuse to store, what can never have an effect, what
// opens more than it says, and what could be shorter.
//
// [Lint] takes any bytes and always answers. Each [Finding] has a stable code,
// a severity, its place, a sentence that names the thing, AWS's own page about
// it and, where there is one correction, the corrected document. [Codes] lists
// every code. What actions, resources and condition keys exist comes from
// [github.com/windlass-io/windlass/iam/reference].
package lint

import (
	"cmp"
	"slices"

	"github.com/windlass-io/windlass/iam"
)

// Severity says what kind of harm a finding does.
type Severity string

// The severities, the worst first.
const (
	Error      Severity = "error"      // AWS refuses the policy, or the statement can never do what it says
	Security   Severity = "security"   // the policy opens more than its author can want
	Warning    Severity = "warning"    // it works, though probably not as meant
	Suggestion Severity = "suggestion" // it works, and could be simpler
)

// Finding is one thing that is wrong with a document.
type Finding struct {
	Code      string   `json:"code"` // stable: one of [Codes]
	Severity  Severity `json:"severity"`
	Line      int      `json:"line"`      // from 1
	Column    int      `json:"column"`    // from 1, in bytes
	Path      string   `json:"path"`      // the element, as in "Statement[0].Action[1]"; empty for the document
	Message   string   `json:"message"`   // what is wrong, naming the thing, and what to do
	Fix       string   `json:"fix"`       // the whole corrected document; empty when a person must choose
	Reference string   `json:"reference"` // the address of AWS's page about it

	offset int
}

// Options are what is known about a policy besides its text. The zero value
// knows nothing; then nothing is reported that depends on it.
type Options struct {
	BucketName    string // of a [iam.Resource] policy: the bucket it is attached to
	PrincipalKind string // of an [iam.Identity] policy: "role" or "user", what it is attached to
	Account       string // the account that the policy is in: 12 digits
}

// maxReported bounds what is reported of one document.
const maxReported = 1000

// Lint returns all findings of a document that is meant as a policy of a kind,
// in document order; nil when there are none. It never fails: bytes that are
// not JSON are a finding. It may be called from many goroutines.
func Lint(kind iam.Kind, document []byte, options Options) []Finding {
	c := &checker{kind: kind, options: options, document: document}
	c.run()
	slices.SortStableFunc(c.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.offset, b.offset), cmp.Compare(rank(a.Severity), rank(b.Severity)))
	})
	return c.findings
}

// Failed reports whether a finding is an error or a security finding.
func Failed(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool {
		return f.Severity == Error || f.Severity == Security
	})
}

func rank(s Severity) int {
	return slices.Index([]Severity{Error, Security, Warning, Suggestion}, s)
}
