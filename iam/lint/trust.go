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
	{of(iam.Trust), (*checker).trustSessionTags},
}

func (c *checker) trustNotPrincipal(s *statement) {
	if s.NotPrincipal != nil {
		c.report("trust-notprincipal", place{s.NotPrincipal.Position, s.place.path + ".NotPrincipal"}, nil,
			"A trust policy can't have NotPrincipal. Name who may assume the role in Principal.")
	}
}

// calls maps the actions of a trust policy to the kinds of principal that can
// call them. nil means any principal, as part of another call.
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
		names := slices.ContainsFunc(
			[]string{
				"sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity", "sts:tagsession",
				"sts:setsourceidentity", "sts:setcontext",
			},
			covers,
		)
		if a.Value == "*" || actionForm.MatchString(a.Value) && !names && len(a.covers) > 0 {
			c.report(
				"trust-non-sts-action",
				a.place,
				removeValue(s, a),
				"%s is not allowed in a trust policy. Use sts:AssumeRole, sts:AssumeRoleWithSAML, "+
					"sts:AssumeRoleWithWebIdentity or sts:TagSession.",
				a.Value,
			)
		}
	}
}

// trustCalls checks that the principals can call each action.
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
		c.report("trust-mismatched-action", a.place, fix, "The principals of this statement can't call %s.%s", a.Value,
			map[bool]string{true: "", false: " Use " + right + "."}[right == ""])
	}
}

// callerKind returns how a principal authenticates, or "" if that isn't known.
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

// callerKeys are condition keys that identify the caller: a condition on one of
// them restricts the principal "*".
var callerKeys = []string{
	"aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalAccount", "aws:PrincipalArn", "aws:userid",
	"aws:PrincipalServiceName",
}

func (c *checker) trustEveryone(s *statement) {
	if !s.allow {
		return
	}
	for _, p := range s.principals() {
		if p.Value == "*" && p.kind == "AWS" && !s.bound(callerKeys...) {
			c.report(
				"trust-principal-star",
				p.place,
				nil,
				"The principal \"*\" lets everyone with an AWS account assume this role. Name the users, roles or "+
					"accounts that may assume it.",
			)
		}
	}
}

// firstPartyKeys are condition keys that a third party's service can't satisfy.
// A statement restricted by one of them needs no External ID.
var firstPartyKeys = append(
	[]string{"aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:SourceVpc", "aws:SourceVpce"},
	"aws:PrincipalOrgID", "aws:PrincipalOrgPaths")

// trustExternalID checks for an External ID, which protects against the
// confused deputy problem.
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
	if tested || s.bound(firstPartyKeys...) {
		return
	}
	for _, p := range s.principals() {
		if p.kind != "AWS" || p.Value == "*" || wildcards(p.Value) || c.ownAccount(p.Value) ||
			!twelveDigits.MatchString(p.Value) && !principalARN.MatchString(p.Value) {
			continue
		}
		c.report(
			"trust-missing-external-id",
			p.place,
			nil,
			"%q can assume this role on behalf of any of its customers. If it is a third party, require an External "+
				"ID: add \"Condition\": {\"StringEquals\": {\"sts:ExternalId\": \"…\"}}.",
			shorten(p.Value),
		)
		return
	}
}

// assumes reports whether the statement covers sts:AssumeRole.
func (s *statement) assumes() bool {
	return slices.ContainsFunc(s.actions,
		func(a entry) bool { return reference.Match(strings.ToLower(a.Value), "sts:assumerole") })
}

// ownAccount reports whether a principal belongs to the policy's own account.
func (c *checker) ownAccount(principal string) bool {
	a, _ := parseARN(principal)
	return c.options.Account != "" && (principal == c.options.Account || a.account == c.options.Account)
}

// anyWildcard matches a text with a wildcard.
var anyWildcard = regexp.MustCompile(`[*?]`)

func (c *checker) externalID(s *statement, on *condition) {
	o := on.operator
	if (o.ifExists || o.qualifier == forAllValues) && o.family != nullFamily {
		o.ifExists, o.qualifier = false, ""
		c.report("trust-external-id-optional", on.place, renameOperator(on, o),
			"With %s, a caller that sends no External ID is allowed. Use %s.", on.operator, o)
		return
	}
	switch {
	case o.family == nullFamily && s.bound("sts:ExternalId"):
	case o.family == nullFamily:
		c.report("trust-external-id-weak", on.place, nil,
			"This only tests that an External ID is sent, so any External ID is allowed. Use StringEquals with the ID.")
	case !o.negated && c.externalIDValues(on):
	case o.negated:
		c.report("trust-external-id-weak", on.place, nil,
			"%s allows every External ID but one, and callers that send none. Use StringEquals with the ID.", o)
	case o.wild:
		for _, value := range on.entries() {
			if anyWildcard.MatchString(plain(value.Value)) {
				c.report("trust-external-id-weak", value.place, nil,
					"With %s the External ID %q is a pattern that other IDs match. Use StringEquals with the whole ID.",
					o, shorten(value.Value))
			}
		}
	}
}

// ownWork are services that assume a role to work in the role's own account.
// iam:PassRole guards them, and they send no source keys.
var ownWork = []string{
	"apprunner",
	"autoscaling",
	"batch",
	"bedrock",
	"build.apprunner",
	"cloudformation",
	"codebuild",
	"codedeploy",
	"codepipeline",
	"ec2",
	"ecs",
	"ecs-tasks",
	"edgelambda",
	"eks",
	"eks-fargate-pods",
	"elasticbeanstalk",
	"elasticmapreduce",
	"emr-serverless",
	"glue",
	"lambda",
	"pods.eks",
	"rolesanywhere",
	"sagemaker",
	"spotfleet",
	"ssm",
	"states",
	"tasks.apprunner",
	"transfer",
}

// sources are condition keys with the resource or account that a service acts
// for.
var sources = []string{
	"aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths", "aws:SourceOwner", "aws:SourceVpc",
	"aws:SourceVpce",
}

func (c *checker) trustServices(s *statement) {
	if !s.allow || s.bound(sources...) {
		return
	}
	for _, p := range s.principals() {
		name := strings.TrimSuffix(strings.TrimSuffix(p.Value, ".cn"), ".amazonaws.com")
		if p.kind != "Service" || wildcards(p.Value) || c.kind == iam.Trust && slices.Contains(ownWork, name) {
			continue
		}
		c.report(
			"service-principal-unrestricted",
			p.place,
			nil,
			"%s can act for any account that configures it. Restrict it: add \"Condition\": {\"StringEquals\": "+
				"{\"aws:SourceAccount\": \"ACCOUNT\"}}, or a condition on aws:SourceArn.",
			shorten(p.Value),
		)
	}
}
