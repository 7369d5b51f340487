package iamapi

import (
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/reference"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// ReadDocument parses a policy. Its errors have IAM's words, which report one
// problem at a time.
func ReadDocument(kind iam.Kind, text string) (*directory.Document, error) {
	policy, err := iam.Parse(kind, []byte(text))
	if err != nil {
		return nil, malformed(kind, err)
	}
	check := checkStatements
	if kind == iam.Trust {
		check = checkTrust
	}
	if err := check(kind, policy); err != nil {
		return nil, err
	}
	document, err := directory.NewDocument(kind, text)
	if err != nil {
		return nil, malformed(kind, err)
	}
	return document, nil
}

// malformed returns the policy engine's error in IAM's words.
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
	case iam.CodeSyntax,
		iam.CodeDataType,
		iam.CodeUnknownElement,
		iam.CodeDuplicateMember,
		iam.CodeInvalidVersion,
		iam.CodeTooDeep,
		iam.CodeMissingStatement,
		iam.CodeEmptyStatement,
		iam.CodeMissingEffect,
		iam.CodeElementCombination:
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

// checkStatements validates statements in the order in which IAM reports errors.
func checkStatements(kind iam.Kind, policy *iam.Policy) error {
	if err := checkSids(kind, policy); err != nil {
		return err
	}
	for _, check := range []func(iam.Statement) error{
		checkActionsGiven, checkResources, checkActions,
		checkResourcesGiven,
	} {
		for _, statement := range policy.Statements {
			if err := check(statement); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkActionsGiven(s iam.Statement) error {
	if isEmpty(s.Action) || isEmpty(s.NotAction) {
		return malformedPolicy("Policy statement must contain actions.")
	}
	return nil
}

func checkResourcesGiven(s iam.Statement) error {
	if isEmpty(s.Resource) || isEmpty(s.NotResource) {
		return malformedPolicy("Policy statement must contain resources.")
	}
	return nil
}

func isEmpty(list *iam.List) bool { return list != nil && len(list.Values) == 0 }

var vendorPattern = regexp.MustCompile(`^[A-Za-z0-9.-]+$`)

func checkActions(s iam.Statement) error {
	for _, list := range []*iam.List{s.Action, s.NotAction} {
		if list == nil {
			continue
		}
		for _, action := range list.Values {
			vendor, name, colon := strings.Cut(action.Value, ":")
			switch {
			case action.Value == "*":
			case !colon:
				return malformedPolicy("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
			case strings.Contains(name, ":"):
				return malformedPolicy("Actions/Condition can contain only one colon.")
			case !vendorPattern.MatchString(vendor):
				return malformedPolicy("Vendor %s is not valid", vendor)
			}
		}
	}
	return nil
}

// sidPattern applies to policies of identities and sessions. Those of buckets
// and keys can have any Sid.
var sidPattern = regexp.MustCompile(`^[0-9A-Za-z]*$`)

func checkSids(kind iam.Kind, policy *iam.Policy) error {
	seen := map[string]bool{}
	for _, statement := range policy.Statements {
		sid := statement.Sid.Value
		if (kind == iam.Identity || kind == iam.Session) && !sidPattern.MatchString(sid) {
			return malformedPolicy(
				"Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression " +
					"[0-9A-Za-z]*",
			)
		}
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

func checkTrust(kind iam.Kind, policy *iam.Policy) error {
	for _, statement := range policy.Statements {
		if err := checkTrustActions(statement); err != nil {
			return err
		}
	}
	return checkSids(kind, policy)
}

// checkTrustActions rejects actions of services other than STS, and unknown
// STS actions.
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
			service, name, _ := strings.Cut(action.Value, ":")
			if !strings.EqualFold(service, "sts") ||
				!strings.ContainsAny(name, "*?") && reference.FindAction(action.Value) == nil {
				return malformedPolicy("AssumeRole policy may only specify STS AssumeRole actions.")
			}
		}
	}
	return nil
}

func malformedPolicy(format string, args ...any) error {
	return awserror.New(http.StatusBadRequest, "MalformedPolicyDocument", format, args...)
}
