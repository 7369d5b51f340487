package iam

import (
	"fmt"
	"strings"
)

// Codes of the findings that [Parse] and [Compile] report. They are stable,
// and the same as the linter's codes for the same faults.
const (
	CodeSyntax               = "json-syntax-error"
	CodeTooLarge             = "document-too-large"
	CodeTooDeep              = "document-too-deep"
	CodeDuplicateMember      = "duplicate-json-key"
	CodeDataType             = "data-type-mismatch"
	CodeUnknownElement       = "invalid-policy-element"
	CodeMissingStatement     = "missing-statement"
	CodeEmptyStatement       = "empty-statement"
	CodeMissingEffect        = "missing-effect"
	CodeInvalidEffect        = "invalid-effect"
	CodeInvalidVersion       = "invalid-version"
	CodeMissingAction        = "missing-action"
	CodeMissingResource      = "missing-resource"
	CodeMissingPrincipal     = "missing-principal"
	CodeUnsupportedPrincipal = "unsupported-principal"
	CodeInvalidPrincipalKey  = "invalid-principal-key"
	CodeElementCombination   = "unsupported-element-combination"
	CodeTrustHasResource     = "trust-has-resource"

	CodeUnknownOperator     = "unknown-operator"
	CodeNullWithIfExists    = "null-with-ifexists"
	CodeInvalidNumber       = "invalid-number"
	CodeInvalidDate         = "invalid-date"
	CodeInvalidBool         = "invalid-boolean"
	CodeInvalidBinary       = "invalid-binary"
	CodeInvalidAddress      = "invalid-ip-address"
	CodeInvalidAction       = "invalid-action-format"
	CodeInvalidARN          = "invalid-arn"
	CodeInvalidPrincipal    = "invalid-principal-format"
	CodeInvalidKey          = "invalid-condition-key-format"
	CodeVariableBrace       = "variable-missing-brace"
	CodeVariableEmpty       = "variable-empty"
	CodeVariableQuote       = "variable-missing-quote"
	CodeVariableSpace       = "variable-space"
	CodeVariableInOperator  = "variable-in-operator"
	CodeVariableUnsupported = "variable-unsupported-in-element"
)

// Finding is one problem of a policy document.
type Finding struct {
	Code     string   // one of the Code constants
	Position Position // where the problem is
	Path     string   // the element, as in "Statement[0].Condition.StringLike.s3:prefix[1]"; empty for the document
	Message  string   // the problem in one sentence
}

// String returns "line:column: path: message".
func (f Finding) String() string {
	if f.Path == "" {
		return fmt.Sprintf("%s: %s", f.Position, f.Message)
	}
	return fmt.Sprintf("%s: %s: %s", f.Position, f.Path, f.Message)
}

// ParseError is returned by [Parse] and [ParseDocument] for a document that
// isn't a valid policy. It has at least one finding, in document order.
type ParseError struct{ Findings []Finding }

// Error lists the findings, separated by "; ".
func (e *ParseError) Error() string { return joinFindings("policy", e.Findings) }

// CompileError is returned by [Compile] for a policy that can't be evaluated.
// It has at least one finding, in document order.
type CompileError struct{ Findings []Finding }

// Error lists the findings, separated by "; ".
func (e *CompileError) Error() string { return joinFindings("policy can't be evaluated", e.Findings) }

// shownFindings limits how many findings an error message lists.
const shownFindings = 10

func joinFindings(what string, findings []Finding) string {
	var b strings.Builder
	b.WriteString(what)
	for i, f := range findings {
		if i == shownFindings {
			fmt.Fprintf(&b, "; and %d more", len(findings)-i)
			break
		}
		if i == 0 {
			b.WriteString(": ")
		} else {
			b.WriteString("; ")
		}
		b.WriteString(f.String())
	}
	return b.String()
}
