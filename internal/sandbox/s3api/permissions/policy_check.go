package permissions

import (
	"encoding/json"
	"errors"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/reference"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
)

const invalidCondition = "Invalid Condition type : "

func invalidPrincipal() *awserror.Error { return malformedPolicy("Invalid principal in policy") }

// policyFault returns the policy engine's error in S3's words, or in the
// engine's own words if S3 has none.
func policyFault(err error) string {
	var parse *iam.ParseError
	var compile *iam.CompileError
	var finding iam.Finding
	switch {
	case errors.As(err, &parse) && len(parse.Findings) > 0:
		finding = parse.Findings[0]
	case errors.As(err, &compile) && len(compile.Findings) > 0:
		finding = compile.Findings[0]
	default:
		return "Policy is not valid."
	}
	switch finding.Code {
	case iam.CodeSyntax:
		return "This policy contains invalid Json"
	case iam.CodeInvalidVersion:
		return "The policy must contain a valid version string"
	case iam.CodeMissingPrincipal:
		return "Missing required field Principal"
	case iam.CodeInvalidAction:
		return "Policy has invalid action"
	case iam.CodeMissingAction:
		return "Missing required field Action"
	case iam.CodeMissingResource:
		return "Missing required field Resource"
	case iam.CodeMissingEffect:
		return "Missing required field Effect"
	case iam.CodeInvalidEffect:
		return "Invalid effect: " + quotedText(finding.Message)
	case iam.CodeMissingStatement:
		return "Missing required field Statement"
	case iam.CodeEmptyStatement:
		return "Could not parse the policy: Statement is empty!"
	case iam.CodeInvalidPrincipal, iam.CodeUnsupportedPrincipal, iam.CodeInvalidPrincipalKey:
		return "Invalid principal in policy"
	case iam.CodeInvalidARN:
		return "Policy has invalid resource"
	case iam.CodeUnknownOperator:
		return invalidCondition + quotedText(finding.Message)
	case iam.CodeNullWithIfExists:
		return invalidCondition + "NullIfExists"
	case iam.CodeInvalidAddress:
		return "Invalid IP address in Conditions"
	default:
		return finding.String()
	}
}

// quotedText returns the first quoted text of a message.
func quotedText(message string) string {
	_, rest, _ := strings.Cut(message, `"`)
	text, _, _ := strings.Cut(rest, `"`)
	return text
}

// findInvalidPrincipal finds principals that are lists or empty. As in S3, a
// list of "*" alone is reported only when the policy is otherwise valid, so the
// returned policy has "*" instead.
func findInvalidPrincipal(text string) (without string, found, later bool) {
	var document map[string]any
	if json.Unmarshal([]byte(text), &document) != nil {
		return "", false, false
	}
	statements, ok := document["Statement"].([]any)
	if !ok {
		return "", false, false
	}
	for _, item := range statements {
		statement, ok := item.(map[string]any)
		if !ok {
			continue
		}
		switch principal := statement["Principal"].(type) {
		case string:
			found = found || principal == ""
		case []any:
			if len(principal) == 1 && principal[0] == "*" {
				statement["Principal"], later = "*", true
			} else {
				found = true
			}
		case map[string]any:
			found = found || isEmptyPrincipal(principal)
		}
	}
	rewritten, err := json.Marshal(document)
	return string(rewritten), found || err != nil, later
}

func isEmptyPrincipal(principal map[string]any) bool {
	for _, value := range principal {
		list, many := value.([]any)
		if value == "" ||
			many &&
				(len(list) == 0 || slices.Contains(list, any("")) || len(list) > 1 && slices.Contains(list, any("*"))) {
			return true
		}
	}
	return len(principal) == 0
}

// checkStatement validates a statement of a bucket policy.
func checkStatement(c *front.Call, s iam.Statement) error {
	for _, action := range values(s.Action, s.NotAction) {
		if service, _, _ := strings.Cut(
			action,
			":",
		); action != "*" &&
			(!strings.EqualFold(service, "s3") || len(reference.ExpandActions(action)) == 0) {
			return malformedPolicy("Policy has invalid action").With("Detail", action)
		}
	}
	if s.Action != nil && len(s.Action.Values) == 0 {
		return malformedPolicy("Policy has invalid action")
	}
	if s.Resource != nil && len(s.Resource.Values) == 0 {
		return malformedPolicy("Policy has invalid resource")
	}
	for _, resource := range values(s.Resource, s.NotResource) {
		if resource != c.BucketARN() && !strings.HasPrefix(resource, c.BucketARN()+"/") {
			return malformedPolicy("Policy has invalid resource").With("Detail", resource)
		}
	}
	if s.Action == nil || s.Resource == nil {
		return nil
	}
	if err := checkConditions(s); err != nil {
		return err
	}
	for _, pattern := range values(s.Action) {
		if !applies(c, pattern, values(s.Resource)) {
			return malformedPolicy("Action does not apply to any resource(s) in statement")
		}
	}
	return nil
}

func values(lists ...*iam.List) []string {
	var all []string
	for _, list := range lists {
		if list == nil {
			continue
		}
		for _, value := range list.Values {
			all = append(all, value.Value)
		}
	}
	return all
}

// applies reports whether an action that the pattern names works on one of the
// resources: on the bucket, or on its objects.
func applies(c *front.Call, pattern string, resources []string) bool {
	bucket := slices.Contains(resources, c.BucketARN())
	object := slices.ContainsFunc(resources, func(r string) bool { return r != c.BucketARN() })
	for _, action := range expand(pattern) {
		for _, place := range action.ResourceTypes {
			switch action.Service.ResourceTypes[place].Name {
			case "bucket":
				if bucket {
					return true
				}
			case "object":
				if object {
					return true
				}
			}
		}
	}
	return false
}

func expand(pattern string) []*reference.Action {
	if pattern == "*" {
		pattern = "s3:*"
	}
	return reference.ExpandActions(pattern)
}

// operatorPattern matches a condition operator. Unlike IAM, S3 is
// case-sensitive.
var operatorPattern = regexp.MustCompile(`^(ForAllValues:|ForAnyValue:)?(` +
	`(String(Not)?(Equals(IgnoreCase)?|Like)|(Numeric|Date)((Not)?Equals|(Less|Greater)Than(Equals)?)|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like))(IfExists)?|Null)$`)

// isNotAddress reports whether a text is neither an IP address nor a range of them.
func isNotAddress(text string) bool {
	_, addressErr := netip.ParseAddr(text)
	_, rangeErr := netip.ParsePrefix(text)
	return addressErr != nil && rangeErr != nil
}

// checkConditions rejects unknown condition keys, and S3 keys that the
// statement's actions never have: every named action must have the key, and at
// least one action of a pattern. Like S3, it rejects any value of aws:SourceIp
// that isn't an address, whatever the operator.
func checkConditions(s iam.Statement) error {
	for _, condition := range s.Conditions {
		key := condition.Key.Value
		if operator := condition.Operator.Value; !operatorPattern.MatchString(operator) {
			return malformedPolicy("%s", invalidCondition+operator)
		}
		if strings.EqualFold(key, "aws:SourceIp") && slices.ContainsFunc(values(&condition.Values), isNotAddress) {
			return malformedPolicy("Invalid IP address in Conditions")
		}
		if _, known := reference.FindKey(key); !known {
			return malformedPolicy("Policy has an invalid condition key")
		}
		if !strings.HasPrefix(strings.ToLower(key), "s3:") {
			continue
		}
		for _, pattern := range values(s.Action) {
			carried := slices.ContainsFunc(expand(pattern), func(a *reference.Action) bool {
				known, carries := reference.Carries(a.String(), key)
				return carries || !known
			})
			if !carried {
				return malformedPolicy("Conditions do not apply to combination of actions and resources in statement")
			}
		}
	}
	return nil
}
