package lint

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

var publicRules = []rule{
	{of(iam.Resource), (*checker).publicAccess},
	{of(iam.Resource), (*checker).allowNotPrincipal},
	{of(iam.Resource), (*checker).lockout},
}

// notPublic are the keys that make an Allow for everyone one for somebody,
// when they are bound to fixed values. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status.
var notPublic = []string{
	"aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalAccount", "aws:PrincipalArn", "aws:SourceAccount", "aws:SourceArn", "aws:SourceOwner",
	"aws:SourceOrgID", "aws:SourceOrgPaths", "aws:SourceVpc", "aws:SourceVpce", "aws:VpceAccount", "aws:VpceOrgID", "aws:VpceOrgPaths", "aws:userid",
	"s3:DataAccessPointAccount", "s3:DataAccessPointArn",
}

func (c *checker) publicAccess(s *statement) {
	if !s.allow || s.fixed() {
		return
	}
	for _, p := range s.principals() {
		if p.Value == "*" && p.kind == "AWS" {
			c.report("public-access", p.place, nil, "This lets everyone in, without an AWS account even. Name the principals, or bind aws:PrincipalOrgID, aws:SourceVpce or aws:SourceArn to fixed values.")
			return
		}
	}
}

// fixed reports whether a condition narrows everyone to somebody.
func (s *statement) fixed() bool {
	for i := range s.conditions {
		on := &s.conditions[i]
		if !on.binding() || len(on.Values.Values) == 0 {
			continue
		}
		if on.named("aws:SourceIp") && !slices.ContainsFunc(on.Values.Values, func(v iam.Text) bool { return broad(v.Value) }) {
			return true
		}
		open := func(v iam.Text) bool { return on.operator.wild && openARN(v.Value) || strings.Contains(v.Value, "${") }
		if on.named(notPublic...) && !slices.ContainsFunc(on.Values.Values, open) {
			return true
		}
	}
	return false
}

// broad reports whether a range of addresses is so wide that S3 takes it for
// public: wider than /8, or /32 of IPv6.
func broad(value string) bool {
	within, ok := parseRange(value)
	if !ok {
		return true
	}
	least := 8
	if within.Addr().Is6() {
		least = 32
	}
	return within.Bits() < least || within == netip.Prefix{}
}

// openARN reports whether a pattern leaves open whom it is about: it has a
// wildcard, and names no account and no bucket as a whole.
func openARN(value string) bool {
	a, ok := parseARN(value)
	if !ok {
		return wildcards(value)
	}
	if name, _, isBucket := a.bucket(); isBucket {
		return wildcards(name)
	}
	return a.account == "" || wildcards(a.account)
}

func (c *checker) allowNotPrincipal(s *statement) {
	if s.allow && s.NotPrincipal != nil {
		c.report("allow-with-notprincipal", place{s.NotPrincipal.Position, s.place.path + ".NotPrincipal"}, nil, "Allow with NotPrincipal lets everyone in who is not named, without an AWS account even. Name who may in Principal.")
	}
}

// lockout finds Denies that also shut out those they mean to spare, or
// everybody.
func (c *checker) lockout(s *statement) {
	if !s.deny {
		return
	}
	if s.NotPrincipal != nil {
		c.lockoutByNotPrincipal(s)
		return
	}
	everyone := slices.ContainsFunc(s.principals(), func(p principal) bool { return p.Value == "*" && p.kind == "AWS" })
	all := slices.ContainsFunc(s.actions, func(a entry) bool { return strings.Trim(strings.ToLower(a.Value), "*") == "s3:" || a.Value == "*" })
	if everyone && all && len(s.conditions) == 0 {
		c.report("lockout", s.place, nil, "This denies everyone everything, those who could change the policy back among them; then only the account's root user can delete it. Spare the administrators by a condition on aws:PrincipalArn.")
	}
}

func (c *checker) lockoutByNotPrincipal(s *statement) {
	spared := principals(s.NotPrincipal, s.place.path+".NotPrincipal")
	accounts := map[string]bool{}
	for _, p := range spared {
		a, ok := parseARN(p.Value)
		switch {
		case twelveDigits.MatchString(p.Value):
			accounts[p.Value] = true
		case ok && a.resource == "root":
			accounts[a.account] = true
		}
	}
	for _, p := range spared {
		a, ok := parseARN(p.Value)
		if p.kind != "AWS" || !ok || accounts[a.account] {
			continue
		}
		c.report("lockout", p.place, nil, "NotPrincipal spares %q, and not its account, so the account is denied and with it the principal: add arn:%s:iam::%s:root. Better: deny Principal \"*\" with a condition ArnNotEquals on aws:PrincipalArn.", shorten(p.Value), a.partition, a.account)
		return
	}
}
