// Package lint finds problems in policies: statements that AWS rejects, that
// never take effect, that allow more than intended, or that could be simpler.
//
// [Lint] accepts any bytes and never fails. Each [Finding] has a stable code,
// a severity, a position, a message, a link to AWS's documentation and, if
// there is only one correction, the corrected document. [Codes] returns every
// code. The known actions, resources and condition keys come from
// [github.com/windlass-io/windlass/iam/reference].
package lint

import (
	"cmp"
	"slices"

	"github.com/windlass-io/windlass/iam"
)

// Severity is the impact of a finding.
type Severity string

// The severities, most severe first.
const (
	Error      Severity = "error"      // AWS rejects the policy, or the statement never takes effect
	Security   Severity = "security"   // the policy allows more than intended
	Warning    Severity = "warning"    // it works, but probably not as intended
	Suggestion Severity = "suggestion" // it works, and could be simpler
)

// Finding is one problem of a document.
type Finding struct {
	Code      string   `json:"code"` // stable: one of [Codes]
	Severity  Severity `json:"severity"`
	Line      int      `json:"line"`      // from 1
	Column    int      `json:"column"`    // from 1, in bytes
	Path      string   `json:"path"`      // the element, as in "Statement[0].Action[1]"; empty for the document
	Message   string   `json:"message"`   // the problem and how to correct it
	Fix       string   `json:"fix"`       // the whole corrected document; empty if there are several ways to correct it
	Reference string   `json:"reference"` // the URL of AWS's documentation

	offset int
}

// Options describe the policy's surroundings. Findings that depend on an option
// are only reported when it is set.
type Options struct {
	BucketName    string // of a [iam.Resource] policy: the bucket it is attached to
	PrincipalKind string // of an [iam.Identity] policy: "role" or "user", the kind of principal it is attached to
	Account       string // the account that the policy is in: 12 digits
}

// maxReported limits the findings per document.
const maxReported = 1000

// Lint returns all findings for a policy document of a kind, in document
// order, or nil if there are none. It never fails: bytes that aren't JSON are
// a finding. It is safe for concurrent use.
func Lint(kind iam.Kind, document []byte, options Options) []Finding {
	c := &checker{kind: kind, options: options, document: document}
	c.run()
	slices.SortStableFunc(c.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.offset, b.offset), cmp.Compare(rank(a.Severity), rank(b.Severity)))
	})
	return c.findings
}

// Failed reports whether any finding is an error or a security finding.
func Failed(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool {
		return f.Severity == Error || f.Severity == Security
	})
}

func rank(s Severity) int {
	return slices.Index([]Severity{Error, Security, Warning, Suggestion}, s)
}
