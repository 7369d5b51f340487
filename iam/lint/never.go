package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/reference"
)

// neverRules find conditions with values that their key never has.
var neverRules = []rule{
	{everyKind, (*checker).principalValues},
	{everyKind, (*checker).viaServices},
	{named, (*checker).keysOfServices},
	{of(iam.Resource), (*checker).deniesAll},
}

// effectOf describes what a condition does whose values never match.
func effectOf(s *statement, on *condition) string {
	switch {
	case s.allow && on.operator.negated:
		return "so the condition is always true and restricts nothing"
	case s.allow:
		return "so this statement never allows anything"
	case on.operator.negated:
		return "so this statement denies everyone, including the principals that it should exempt"
	}
	return "so this statement never denies anything"
}

var (
	sessionARN = regexp.MustCompile(`^arn:[^:]*:sts:[^:]*:[^:]*:assumed-role/`)
	roleIDOnly = regexp.MustCompile(`^AROA[A-Z0-9]+$`)
)

// principalValues reports session ARNs as values of aws:PrincipalArn, which
// has the ARN of the role, and role IDs without a session name as values of
// aws:userid.
func (c *checker) principalValues(s *statement) {
	for i := range s.conditions {
		on := &s.conditions[i]
		if !on.valid || on.operator.family == nullFamily {
			continue
		}
		for _, value := range on.entries() {
			switch {
			case on.named("aws:PrincipalArn") && sessionARN.MatchString(value.Value):
				c.report("condition-value-never-matches", value.place, replace(value.Position, roleOf(value.Value)),
					"aws:PrincipalArn has the ARN of the role, never of its session, %s. Use %q.", effectOf(s, on),
					shorten(roleOf(value.Value)))
			case on.named("aws:userid") && roleIDOnly.MatchString(value.Value):
				c.report("condition-value-never-matches", value.place, nil,
					"aws:userid of a role is ROLE_ID:SESSION_NAME, %s. Use \"%s:*\" with StringLike or StringNotLike.",
					effectOf(s, on), value.Value)
			}
		}
	}
}

// roleOf returns the ARN pattern of the role behind a session's ARN.
func roleOf(session string) string {
	a, ok := parseARN(session)
	if !ok {
		return session
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(a.resource, "assumed-role/"), "/")
	a.service, a.region, a.resource = "iam", "", "role/"+name
	return a.String()
}

var serviceWithoutRegion = regexp.MustCompile(`^[a-z0-9-]+(\.amazonaws\.com(?:\.cn)?)$`)

// viaServices reports values of kms:ViaService without a Region.
func (c *checker) viaServices(s *statement) {
	for i := range s.conditions {
		on := &s.conditions[i]
		if !on.valid || !on.named("kms:ViaService") || on.operator.family == nullFamily {
			continue
		}
		for _, value := range on.entries() {
			if m := serviceWithoutRegion.FindStringSubmatch(value.Value); m != nil {
				service := strings.TrimSuffix(value.Value, m[1])
				c.report("condition-value-never-matches", value.place, nil,
					"kms:ViaService has the service's name with the Region, %s. Use %q with your Region.",
					effectOf(s, on), service+".us-east-1"+m[1])
			}
		}
	}
}

// callerOnly are condition keys of callers with an identity in an account.
// Requests that a service makes as itself never have them.
var callerOnly = []string{
	"aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalAccount", "aws:PrincipalArn", "aws:userid",
	"aws:username", "aws:PrincipalTag/",
}

// keysOfServices reports Allow statements for services with conditions on keys
// that only other callers have.
func (c *checker) keysOfServices(s *statement) {
	list := s.principals()
	if !s.allow || len(list) == 0 || slices.ContainsFunc(list, func(p principal) bool { return p.kind != "Service" }) {
		return
	}
	for i := range s.conditions {
		if on := &s.conditions[i]; on.named(callerOnly...) && on.binding() {
			c.report("condition-key-never-present", on.place, nil,
				"A service has no %s, so this statement never allows it. Use aws:SourceOrgID, aws:SourceAccount or "+
					"aws:SourceArn, which identify the resource that the service acts for.", on.Key.Value)
		}
	}
}

// deniesAll reports a Deny for everyone with a condition that is always true:
// requests over TLS, or callers unlike a name with an ordinary "*".
func (c *checker) deniesAll(s *statement) {
	if len(s.conditions) != 1 || !deniesEverything(s) {
		return
	}
	on := &s.conditions[0]
	values := on.Values.Values
	literal := func(v iam.Text) bool { return !wildcards(plain(v.Value)) }
	switch {
	case on.named("aws:SecureTransport") && on.operator.family == boolFamily && len(values) == 1 &&
		strings.EqualFold(values[0].Value, "true"):
		c.report("lockout", on.place, replace(on.Values.Position, "false"),
			"This denies every request over TLS to everyone. To deny plain HTTP, use \"false\".")
	case on.valid && on.operator.negated && on.operator.family == stringFamily && !on.operator.wild &&
		on.named(callerOnly...) && !slices.ContainsFunc(values, literal):
		c.report("lockout", on.place, useLike(on),
			"With %s the wildcards are ordinary characters, so this denies everything to everyone. Use %s.",
			on.operator, like(on.operator))
	}
}

// deniesEverything reports whether a Deny is for everyone and every action.
func deniesEverything(s *statement) bool {
	return s.deny &&
		slices.ContainsFunc(s.principals(), func(p principal) bool { return p.Value == "*" && p.kind == "AWS" }) &&
		slices.ContainsFunc(s.actions, func(a entry) bool {
			return strings.Trim(strings.ToLower(a.Value), "*") == "s3:" || a.Value == "*"
		})
}

// tagKeys are condition keys of requests that pass session tags.
var tagKeys = []string{"aws:RequestTag/", "aws:TagKeys", "sts:TransitiveTagKeys"}

// trustSessionTags reports statements that require session tags in a policy
// that doesn't allow passing them.
func (c *checker) trustSessionTags(s *statement) {
	if !s.allow || c.allowsTagSession() {
		return
	}
	for i := range s.conditions {
		if on := &s.conditions[i]; on.named(tagKeys...) && on.binding() {
			c.report("trust-missing-tag-session", on.place, nil,
				"%s exists only if the caller passes session tags, and that needs sts:TagSession, which this policy "+
					"doesn't allow. Add sts:TagSession to Action.", on.Key.Value)
		}
	}
}

func (c *checker) allowsTagSession() bool {
	return slices.ContainsFunc(c.policy.Statements, func(s iam.Statement) bool {
		if s.Effect.Value != "Allow" || s.Action == nil {
			return s.Effect.Value == "Allow" && s.NotAction != nil
		}
		return slices.ContainsFunc(s.Action.Values, func(a iam.Text) bool {
			return reference.Match(strings.ToLower(a.Value), "sts:tagsession")
		})
	})
}
