package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/reference"
)

var trustRules = []rule{
	{of(iam.Trust), (*checker).trustNotPrincipal},
	{of(iam.Trust), (*checker).trustActions},
	{of(iam.Trust), (*checker).trustCalls},
	{of(iam.Trust), (*checker).trustEveryone},
	{of(iam.Trust), (*checker).trustExternalID},
	{of(iam.Trust, iam.Resource), (*checker).trustServices},
}

func (c *checker) trustNotPrincipal(s *statement) {
	if s.NotPrincipal != nil {
		c.report("trust-notprincipal", place{s.NotPrincipal.Position, s.place.path + ".NotPrincipal"}, nil, "A trust policy cannot have NotPrincipal: name who may assume the role in Principal.")
	}
}

// calls are the actions of a trust policy, and the kinds of principal that can
// make each; nil: any of them, within another call.
var calls = map[string][]string{
	"sts:assumerole":                {"AWS", "Service"},
	"sts:assumerolewithsaml":        {"saml"},
	"sts:assumerolewithwebidentity": {"oidc"},
	"sts:tagsession":                nil,
	"sts:setsourceidentity":         nil,
	"sts:setcontext":                nil,
}

func (c *checker) trustActions(s *statement) {
	for _, a := range s.actionElements() {
		covers := func(call string) bool { return covers(strings.ToLower(a.Value), call) }
		names := slices.ContainsFunc([]string{"sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity", "sts:tagsession", "sts:setsourceidentity", "sts:setcontext"}, covers)
		if a.Value == "*" || actionForm.MatchString(a.Value) && !names && len(a.covers) > 0 {
			c.report("trust-non-sts-action", a.place, removeValue(s, a), "A trust policy says who may assume the role: its actions are sts:AssumeRole, sts:AssumeRoleWithSAML, sts:AssumeRoleWithWebIdentity and sts:TagSession, not %s.", a.Value)
		}
	}
}

// trustCalls compares each action with the principals that could call it.
func (c *checker) trustCalls(s *statement) {
	kinds := map[string]bool{}
	for _, p := range s.principals() {
		if kind := callerKind(p); kind != "" {
			kinds[kind] = true
		}
	}
	if len(kinds) == 0 {
		return
	}
	for _, a := range s.actions {
		callers, ok := calls[strings.ToLower(a.Value)]
		if !ok || callers == nil || slices.ContainsFunc(callers, func(k string) bool { return kinds[k] }) {
			continue
		}
		right := callOf(kinds)
		var fix edit
		if right != "" {
			fix = replace(a.Position, right)
		}
		c.report("trust-mismatched-action", a.place, fix, "%s is not a call that this statement's principals can make%s.", a.Value, map[bool]string{true: "", false: ": they call " + right}[right == ""])
	}
}

// callerKind tells how a principal proves who it is. Empty: it cannot be told.
func callerKind(p principal) string {
	switch {
	case p.kind != "Federated":
		return p.kind
	case strings.Contains(p.Value, ":saml-provider/"):
		return "saml"
	case strings.Contains(p.Value, ":oidc-provider/") || domainName.MatchString(p.Value):
		return "oidc"
	}
	return ""
}

func callOf(kinds map[string]bool) string {
	switch {
	case (kinds["saml"] || kinds["oidc"]) && len(kinds) > 1:
		return "" // principals of several kinds make different calls
	case kinds["saml"]:
		return "sts:AssumeRoleWithSAML"
	case kinds["oidc"]:
		return "sts:AssumeRoleWithWebIdentity"
	case kinds["AWS"] || kinds["Service"]:
		return "sts:AssumeRole"
	}
	return ""
}

// whoIs are keys that say who the caller is: a condition on one of them
// narrows a principal of "*" to somebody.
var whoIs = []string{"aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalAccount", "aws:PrincipalArn", "aws:userid", "aws:PrincipalServiceName"}

func (c *checker) trustEveryone(s *statement) {
	if !s.allow {
		return
	}
	for _, p := range s.principals() {
		if p.Value == "*" && p.kind == "AWS" && !s.bound(whoIs...) {
			c.report("trust-principal-star", p.place, nil, "The principal \"*\" lets everyone with an AWS account assume this role. Name the users, roles or accounts that may.")
		}
	}
}

// ownPeople are keys that a stranger's service cannot satisfy: with one of
// them bound, no External ID is wanted.
var ownPeople = append([]string{"aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:SourceVpc", "aws:SourceVpce"}, "aws:PrincipalOrgID", "aws:PrincipalOrgPaths")

// trustExternalID looks at how a third party is kept from being used by
// another of its customers.
func (c *checker) trustExternalID(s *statement) {
	if !s.allow || !s.assumes() {
		return
	}
	tested := false
	for i := range s.conditions {
		if on := &s.conditions[i]; on.valid && on.named("sts:ExternalId") {
			tested = true
			c.externalID(s, on)
		}
	}
	if tested || s.bound(ownPeople...) {
		return
	}
	for _, p := range s.principals() {
		if p.kind != "AWS" || p.Value == "*" || wildcards(p.Value) || c.ownAccount(p.Value) || !twelveDigits.MatchString(p.Value) && !principalARN.MatchString(p.Value) {
			continue
		}
		c.report("trust-missing-external-id", p.place, nil, "%q may assume this role for anyone who asks it to. If it is a third party, demand an External ID: add \"Condition\": {\"StringEquals\": {\"sts:ExternalId\": \"…\"}}.", shorten(p.Value))
		return
	}
}

// assumes reports whether the statement has sts:AssumeRole.
func (s *statement) assumes() bool {
	return slices.ContainsFunc(s.actions, func(a entry) bool { return reference.Match(strings.ToLower(a.Value), "sts:assumerole") })
}

// ownAccount reports whether a principal is of the account that the policy is in.
func (c *checker) ownAccount(principal string) bool {
	a, _ := parseARN(principal)
	return c.options.Account != "" && (principal == c.options.Account || a.account == c.options.Account)
}

// wholeAny is a text of wildcards alone, or of so little else that it can be
// tried out.
var wholeAny = regexp.MustCompile(`[*?]`)

func (c *checker) externalID(s *statement, on *condition) {
	o := on.operator
	if (o.ifExists || o.qualifier == forAllValues) && o.family != nullFamily {
		o.ifExists, o.qualifier = false, ""
		c.report("trust-external-id-optional", on.place, renameOperator(on, o), "With %s, a caller that sends no External ID gets in. Write %s.", on.operator, o)
		return
	}
	switch {
	case o.family == nullFamily && s.bound("sts:ExternalId"):
	case o.family == nullFamily:
		c.report("trust-external-id-weak", on.place, nil, "This tests only whether an External ID is sent: any passes. Write StringEquals and the ID.")
	case o.negated:
		c.report("trust-external-id-weak", on.place, nil, "%s lets in every External ID but one, and callers without any. Write StringEquals and the ID.", o)
	case o.wild:
		for _, value := range on.entries() {
			if wholeAny.MatchString(plain(value.Value)) {
				c.report("trust-external-id-weak", value.place, nil, "Under %s the External ID %q is a pattern that others can satisfy. Write StringEquals and the whole ID.", o, shorten(value.Value))
			}
		}
	}
}

// ownWork are services that run a role's work for its own account: they take
// the role from who may pass it, and send no source.
var ownWork = []string{
	"apprunner", "autoscaling", "batch", "bedrock", "build.apprunner", "cloudformation", "codebuild", "codedeploy", "codepipeline", "ec2", "ecs",
	"ecs-tasks", "edgelambda", "eks", "eks-fargate-pods", "elasticbeanstalk", "elasticmapreduce", "emr-serverless", "glue", "lambda", "pods.eks",
	"rolesanywhere", "sagemaker", "spotfleet", "ssm", "states", "tasks.apprunner", "transfer",
}

// sources are keys that say for which resource or account a service acts.
var sources = []string{"aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths", "aws:SourceOwner", "aws:SourceVpc", "aws:SourceVpce", "aws:PrincipalOrgID"}

func (c *checker) trustServices(s *statement) {
	if !s.allow || s.bound(sources...) {
		return
	}
	for _, p := range s.principals() {
		name := strings.TrimSuffix(strings.TrimSuffix(p.Value, ".cn"), ".amazonaws.com")
		if p.kind != "Service" || wildcards(p.Value) || c.kind == iam.Trust && slices.Contains(ownWork, name) {
			continue
		}
		c.report("service-principal-unrestricted", p.place, nil, "%s acts for whoever configures it, in any account. Bind whom it may act for: add \"Condition\": {\"StringEquals\": {\"aws:SourceAccount\": \"ACCOUNT\"}}, or aws:SourceArn.", shorten(p.Value))
	}
}
