package grants

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// IsPublic reports whether a bucket policy is public according to Block Public
// Access: it grants access to everyone, and no condition restricts that to
// fixed values. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
// (The meaning of "public").
func IsPublic(policy *iam.Policy) bool {
	return policy != nil && slices.ContainsFunc(policy.Statements, isPublicStatement)
}

func isPublicStatement(s iam.Statement) bool {
	return s.Effect.Value == "Allow" && (s.NotPrincipal != nil || includesEveryone(s.Principal)) &&
		!slices.ContainsFunc(s.Conditions, isNarrowing)
}

func includesEveryone(p *iam.PrincipalElement) bool {
	if p == nil {
		return false
	}
	if p.Any {
		return true
	}
	for _, entry := range p.Entries {
		for _, value := range entry.Values.Values {
			if entry.Type.Value != "Service" && strings.ContainsAny(value.Value, "*?") {
				return true
			}
		}
	}
	return false
}

// narrowingKeys are the keys, in lower case, whose fixed values make a grant
// to everyone non-public.
var narrowingKeys = []string{
	"aws:principalorgid",
	"aws:principalorgpaths",
	"aws:principalaccount",
	"aws:principalarn",
	"aws:sourceaccount",
	"aws:sourcearn",
	"aws:sourceowner",
	"aws:sourcevpc",
	"aws:sourcevpce",
	"aws:userid",
	"aws:sourceip",
	"s3:dataaccesspointarn",
	"s3:dataaccesspointaccount",
	"s3:x-amz-server-side-encryption-aws-kms-key-id",
}

func isNarrowing(c iam.Condition) bool {
	key, operator := strings.ToLower(c.Key.Value), strings.ToLower(c.Operator.Value)
	if !slices.Contains(narrowingKeys, key) || strings.HasSuffix(operator, "ifexists") ||
		strings.HasPrefix(operator, "forallvalues:") {
		return false
	}
	operator = strings.TrimPrefix(operator, "foranyvalue:")
	switch operator {
	case "stringequals", "stringlike", "stringequalsignorecase", "arnequals", "arnlike":
		return key != "aws:sourceip" &&
			!slices.ContainsFunc(c.Values.Values, func(v iam.Text) bool { return !isFixed(key, v.Value) })
	case "ipaddress":
		return key == "aws:sourceip" &&
			!slices.ContainsFunc(c.Values.Values, func(v iam.Text) bool { return isWide(v.Value) })
	default:
		return false
	}
}

func isFixed(key, value string) bool {
	if key == "aws:userid" { // AROAEXAMPLE:* is one role
		value = strings.TrimSuffix(value, ":*")
	}
	return value != "" && !strings.ContainsAny(value, "*?") && !strings.Contains(value, "${")
}

// isWide reports whether a range of addresses is too large to belong to one
// organization.
func isWide(text string) bool {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		_, err := netip.ParseAddr(text)
		return err != nil
	}
	if prefix.Addr().Is4() {
		return prefix.Bits() < 8
	}
	return prefix.Bits() < 32
}
