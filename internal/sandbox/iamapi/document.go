package iamapi

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// ReadDocument reads a policy, and answers a fault in IAM's words, which name
// one fault at a time.
func ReadDocument(kind iam.Kind, text string) (*directory.Document, error) {
	policy, err := iam.Parse(kind, []byte(text))
	if err != nil {
		return nil, malformed(kind, err)
	}
	for _, statement := range policy.Statements {
		if err := checkStatement(kind, statement); err != nil {
			return nil, err
		}
	}
	if err := checkSids(kind, policy); err != nil {
		return nil, err
	}
	document, err := directory.NewDocument(kind, text)
	if err != nil {
		return nil, malformed(kind, err)
	}
	return document, nil
}

// malformed gives the policy engine's error as IAM answers it.
func malformed(kind iam.Kind, err error) error {
	finding, ok := firstFinding(err)
	if !ok {
		return malformedPolicy("Syntax errors in policy.")
	}
	words := map[string]string{
		iam.CodeMissingAction:        "Policy statement must contain actions.",
		iam.CodeMissingResource:      "Policy statement must contain resources.",
		iam.CodeUnsupportedPrincipal: "Policy document should not specify a principal.",
	}
	syntax := "Syntax errors in policy."
	if kind == iam.Trust {
		words = map[string]string{
			iam.CodeSyntax:           "This policy contains invalid Json",
			iam.CodeInvalidVersion:   "The policy must contain a valid version string",
			iam.CodeMissingStatement: "Could not parse the policy: Statement is empty!",
			iam.CodeEmptyStatement:   "Could not parse the policy: Statement is empty!",
			iam.CodeMissingEffect:    "Missing required field Effect",
			iam.CodeMissingPrincipal: "Missing required field Principal",
			iam.CodeMissingAction:    "Missing required field Action",
			iam.CodeTrustHasResource: "Has prohibited field Resource",
		}
		syntax = "Syntax error in policy."
	}
	if text, known := words[finding.Code]; known {
		return malformedPolicy("%s", text)
	}
	switch finding.Code {
	case iam.CodeInvalidEffect:
		if kind == iam.Trust {
			return malformedPolicy("Invalid effect")
		}
		return malformedPolicy("%s", syntax)
	case iam.CodeSyntax, iam.CodeDataType, iam.CodeUnknownElement, iam.CodeDuplicateMember, iam.CodeInvalidVersion, iam.CodeTooDeep,
		iam.CodeMissingStatement, iam.CodeEmptyStatement, iam.CodeMissingEffect, iam.CodeElementCombination:
		return malformedPolicy("%s", syntax)
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

func checkStatement(kind iam.Kind, s iam.Statement) error {
	if kind == iam.Trust {
		return checkTrustActions(s)
	}
	for _, list := range []*iam.List{s.Action, s.NotAction} {
		if err := checkVendors(list); err != nil {
			return err
		}
	}
	for _, list := range []*iam.List{s.Resource, s.NotResource} {
		if list != nil && len(list.Values) == 0 {
			return malformedPolicy("Policy statement must contain resources.")
		}
		if err := checkResources(list); err != nil {
			return err
		}
	}
	return nil
}

var vendorPattern = regexp.MustCompile(`^[\w-]+$`)

func checkVendors(list *iam.List) error {
	if list == nil {
		return nil
	}
	for _, action := range list.Values {
		vendor, _, colon := strings.Cut(action.Value, ":")
		switch {
		case action.Value == "*":
		case !colon:
			return malformedPolicy("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
		case !vendorPattern.MatchString(vendor):
			return malformedPolicy("Vendor %s is not valid", vendor)
		}
	}
	return nil
}

var partitions = []string{"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"}

func checkResources(list *iam.List) error {
	if list == nil {
		return nil
	}
	for _, resource := range list.Values {
		if resource.Value == "*" {
			continue
		}
		rest, isARN := strings.CutPrefix(resource.Value, "arn:")
		switch partition, _, _ := strings.Cut(rest, ":"); {
		case !strings.Contains(resource.Value, ":"):
			return malformedPolicy(`Resource %s must be in ARN format or "*".`, resource.Value)
		case !isARN:
			_, after, _ := strings.Cut(resource.Value, ":")
			return malformedPolicy(`Partition "" is not valid for resource "arn:%s:*:*:*".`, after)
		case strings.Count(resource.Value, ":") < 5:
			return malformedPolicy("The policy failed legacy parsing")
		case !slices.Contains(partitions, partition) && !strings.ContainsAny(partition, "*?$"):
			return malformedPolicy("Partition %q is not valid for resource %q.", partition, resource.Value)
		}
	}
	return nil
}

func checkSids(kind iam.Kind, policy *iam.Policy) error {
	seen := map[string]bool{}
	for _, statement := range policy.Statements {
		sid := statement.Sid.Value
		if sid != "" && seen[sid] {
			if kind == iam.Trust {
				return malformedPolicy("The Statement Ids in the policy are not unique")
			}
			return malformedPolicy("Statement IDs (SID) in a single policy must be unique.")
		}
		seen[sid] = true
	}
	return nil
}

func checkTrustActions(s iam.Statement) error {
	switch {
	case s.NotPrincipal != nil && s.Effect.Value == "Allow":
		return malformedPolicy("Allow with NotPrincipal is not allowed.")
	case s.NotPrincipal != nil:
		return malformedPolicy("AssumeRole policy must not contain NotPrincipal field.")
	}
	for _, list := range []*iam.List{s.Action, s.NotAction} {
		if list == nil {
			continue
		}
		for _, action := range list.Values {
			if service, _, _ := strings.Cut(action.Value, ":"); !strings.EqualFold(service, "sts") {
				return malformedPolicy("AssumeRole policy may only specify STS AssumeRole actions.")
			}
		}
	}
	return nil
}

func malformedPolicy(format string, args ...any) error {
	return awserror.New(http.StatusBadRequest, "MalformedPolicyDocument", format, args...)
}
