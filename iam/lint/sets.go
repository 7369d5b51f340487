package lint

import (
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/reference"
)

// setOperators checks the use of ForAllValues and ForAnyValue, and multivalued
// keys that have neither.
func (c *checker) setOperators(s *statement) {
	for i := range s.conditions {
		on := &s.conditions[i]
		if !on.valid || !on.known || on.operator.family == nullFamily {
			continue
		}
		prefix, _, _ := strings.Cut(on.Key.Value, ":")
		provider := reference.IsProvider(prefix) || strings.EqualFold(prefix, "saml")
		switch {
		case on.operator.qualifier == "" && on.key.Multivalued && !provider:
			c.report(
				"missing-qualifier",
				on.place,
				nil,
				"A request can have several values of %s. Use ForAnyValue:%s if one of them must match, or "+
					"ForAllValues:%s if all must match.",
				on.Key.Value,
				on.operator,
				on.operator,
			)
		case on.operator.qualifier == forAllValues && s.allow && !on.key.Multivalued:
			o := on.operator
			o.qualifier = ""
			c.report(
				"forallvalues-single-valued",
				on.place,
				renameOperator(on, o),
				"%s has a single value, and ForAllValues is true when the key is missing, so a request without it "+
					"matches. Use %s.",
				on.Key.Value,
				o,
			)
		case on.operator.qualifier == forAllValues && s.allow && !s.requires(on.Key.Value):
			c.report(
				"forallvalues-allow-without-null",
				on.place,
				requireKey(s, on),
				"ForAllValues is true when %s is missing, so a request without it matches. Add \"Null\": {%q: "+
					"\"false\"}.",
				on.Key.Value,
				on.Key.Value,
			)
		}
	}
}

// requires reports whether a condition requires a key to be present.
func (s *statement) requires(key string) bool {
	for i := range s.conditions {
		on := &s.conditions[i]
		if !on.named(key) || !on.valid {
			continue
		}
		null := on.operator.family == nullFamily && len(on.Values.Values) == 1 &&
			strings.EqualFold(on.Values.Values[0].Value, "false")
		if null || on.binding() {
			return true
		}
	}
	return false
}

// renameOperator changes a condition's operator. It applies only when the
// condition is the only one of its operator and the new operator isn't used yet.
func renameOperator(on *condition, o operator) edit {
	return func(d *draft) bool {
		m := d.member(d.root, on.Operator.Position)
		parent := parentOf(d.root, on.Operator.Position)
		if m == nil || parent == nil || len(m.Value.Members) != 1 || parent.Member(o.String()) != nil {
			return false
		}
		m.Name = o.String()
		return true
	}
}

// requireKey adds a Null test, so that a key must be present.
func requireKey(_ *statement, on *condition) edit {
	return func(d *draft) bool {
		parent := parentOf(d.root, on.Operator.Position)
		if parent == nil {
			return false
		}
		test := iam.Member{Name: on.Key.Value, Value: text("false")}
		if null := parent.Member("Null"); null != nil {
			removeKey(&null.Value, on.Key.Value)
			null.Value.Members = append(null.Value.Members, test)
			return true
		}
		parent.Members = append(parent.Members, iam.Member{Name: "Null", Value: object(test)})
		return true
	}
}

// guards are the condition keys that commonly restrict an Allow. IfExists lifts
// the restriction for requests without the key.
var guards = []string{
	"aws:MultiFactorAuthAge",
	"aws:MultiFactorAuthPresent",
	"aws:PrincipalAccount",
	"aws:PrincipalArn",
	"aws:PrincipalIsAWSService",
	"aws:PrincipalOrgID",
	"aws:PrincipalOrgPaths",
	"aws:PrincipalServiceName",
	"aws:PrincipalTag/",
	"aws:RequestTag/",
	"aws:ResourceAccount",
	"aws:ResourceOrgID",
	"aws:ResourceOrgPaths",
	"aws:ResourceTag/",
	"aws:SecureTransport",
	"aws:SourceAccount",
	"aws:SourceArn",
	"aws:SourceIdentity",
	"aws:SourceIp",
	"aws:SourceOrgID",
	"aws:SourceOrgPaths",
	"aws:SourceVpc",
	"aws:SourceVpce",
	"aws:VpcSourceIp",
	"aws:userid",
	"aws:username",
	"iam:PassedToService",
	"iam:PermissionsBoundary",
	"kms:ViaService",
	"s3:DataAccessPointAccount",
	"s3:DataAccessPointArn",
	"s3:ExistingObjectTag/",
	"s3:prefix",
	"s3:ResourceAccount",
	"s3:x-amz-acl",
	"s3:x-amz-server-side-encryption",
	"s3:x-amz-server-side-encryption-aws-kms-key-id",
}

// optionalConditions reports Allow statements whose restriction doesn't apply
// to requests without the key.
func (c *checker) optionalConditions(s *statement) {
	if !s.allow {
		return
	}
	for i := range s.conditions {
		on := &s.conditions[i]
		prefix, _, _ := strings.Cut(on.Key.Value, ":")
		if !on.valid || !on.operator.ifExists || on.operator.negated || on.operator.family == nullFamily ||
			!on.named(guards...) && !reference.IsProvider(prefix) {
			continue
		}
		o := on.operator
		o.ifExists = false
		c.report("ifexists-weakens-allow", on.place, renameOperator(on, o),
			"With %s, a request without %s is allowed. Use %s.", on.operator, on.Key.Value, o)
	}
}

// denyWithoutMFA reports Deny statements that don't apply to long-term access
// keys: their requests have no MFA key, and Bool doesn't match a missing key.
func (c *checker) denyWithoutMFA(s *statement) {
	if !s.deny {
		return
	}
	for i := range s.conditions {
		on := &s.conditions[i]
		if on.operator.base != "Bool" || on.operator.ifExists || !on.named("aws:MultiFactorAuthPresent") ||
			len(
				on.Values.Values,
			) != 1 || !strings.EqualFold(on.Values.Values[0].Value, "false") || s.absent("aws:MultiFactorAuthPresent") {
			continue
		}
		o := on.operator
		o.ifExists = true
		c.report(
			"mfa-bool-false",
			on.place,
			renameOperator(on, o),
			"Requests with long-term access keys have no aws:MultiFactorAuthPresent, so this Deny doesn't apply to "+
				"them. Use BoolIfExists.",
		)
	}
}

// absent reports whether the statement tests the presence of a key with Null.
func (s *statement) absent(key string) bool {
	for i := range s.conditions {
		on := &s.conditions[i]
		if on.operator.family == nullFamily && on.valid && on.named(key) {
			return true
		}
	}
	return false
}
