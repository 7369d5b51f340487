package iamapi

import (
	"errors"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// readDocument reads a policy, and answers a fault as IAM does. IAM names one
// fault at a time; so does this.
func readDocument(kind iam.Kind, text string) (*directory.Document, error) {
	if text == "" {
		return nil, invalid("1 validation error detected: Value null at 'policyDocument' failed to satisfy constraint: Member must not be null")
	}
	if len(text) > maxDocument {
		return nil, invalid("1 validation error detected: Value at 'policyDocument' failed to satisfy constraint: Member must have length less than or equal to %d", maxDocument)
	}
	document, err := directory.NewDocument(kind, text)
	if err == nil {
		return document, nil
	}
	return nil, Malformed(err)
}

// Malformed gives the policy engine's error as IAM and STS answer it.
func Malformed(err error) error {
	finding, ok := firstFinding(err)
	if !ok {
		return malformedPolicy("Syntax errors in policy.")
	}
	switch finding.Code {
	case iam.CodeSyntax, iam.CodeDataType, iam.CodeUnknownElement, iam.CodeDuplicateMember:
		return malformedPolicy("Syntax errors in policy. (%s)", finding.String())
	case iam.CodeUnsupportedPrincipal:
		return malformedPolicy("Policy document should not specify a principal.")
	case iam.CodeTrustHasResource:
		return malformedPolicy("Has prohibited field Resource")
	case iam.CodeMissingResource:
		return malformedPolicy("Policy statement must contain resources.")
	case iam.CodeMissingAction:
		return malformedPolicy("Policy statement must contain actions.")
	default:
		return malformedPolicy("%s", strings.TrimSuffix(finding.Message, "."))
	}
}

func firstFinding(err error) (iam.Finding, bool) {
	var parse *iam.ParseError
	if errors.As(err, &parse) && len(parse.Findings) > 0 {
		return parse.Findings[0], true
	}
	var compile *iam.CompileError
	if errors.As(err, &compile) && len(compile.Findings) > 0 {
		return compile.Findings[0], true
	}
	return iam.Finding{}, false
}
