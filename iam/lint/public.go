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

// notPublic are the condition keys that keep an Allow for everyone from being
// public, when their values are fixed. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
// (The meaning of "public").
var notPublic = []string{
	"aws:PrincipalOrgID",
	"aws:PrincipalOrgPaths",
	"aws:PrincipalAccount",
	"aws:PrincipalArn",
	"aws:SourceAccount",
	"aws:SourceArn",
	"aws:SourceOwner",
	"aws:SourceOrgID",
	"aws:SourceOrgPaths",
	"aws:SourceVpc",
	"aws:SourceVpce",
	"aws:VpceAccount",
	"aws:VpceOrgID",
	"aws:VpceOrgPaths",
	"aws:userid",
	"s3:DataAccessPointAccount",
	"s3:DataAccessPointArn",
}

func (c *checker) publicAccess(s *statement) {
	if !s.allow || s.fixed() {
		return
	}
	for _, p := range s.principals() {
		if p.Value == "*" && p.kind == "AWS" {
			c.report(
				"public-access",
				p.place,
				nil,
				"This allows everyone, even without an AWS account. Name the principals, or add a condition with "+
					"fixed values on aws:PrincipalOrgID, aws:SourceVpce or aws:SourceArn.",
			)
			return
		}
	}
}

// fixed reports whether a condition restricts everyone to fixed callers.
func (s *statement) fixed() bool {
	for i := range s.conditions {
		on := &s.conditions[i]
		if !on.binding() || len(on.Values.Values) == 0 {
			continue
		}
		if on.named("aws:SourceIp") &&
			!slices.ContainsFunc(on.Values.Values, func(v iam.Text) bool { return broad(v.Value) }) {
			return true
		}
		open := func(v iam.Text) bool { return on.operator.wild && openARN(v.Value) || strings.Contains(v.Value, "${") }
		if on.named(notPublic...) && !slices.ContainsFunc(on.Values.Values, open) {
			return true
		}
	}
	return false
}

// broad reports whether S3 considers a range of addresses public: wider than
// /8, or /32 for IPv6.
func broad(value string) bool {
	within, ok := parseRange(value)
	if !ok {
		return true
	}
	minBits := 8
	if within.Addr().Is6() {
		minBits = 32
	}
	return within.Bits() < minBits || within == netip.Prefix{}
}

// openARN reports whether an ARN pattern can match several accounts: it has a
// wildcard, and names neither an account nor a whole bucket.
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
		c.report(
			"allow-with-notprincipal",
			place{s.NotPrincipal.Position, s.place.path + ".NotPrincipal"},
			nil,
			"Allow with NotPrincipal allows everyone else, even without an AWS account. Name the allowed principals "+
				"in Principal.",
		)
	}
}

// lockout reports Deny statements that lock out everyone, or principals that
// they exempt.
func (c *checker) lockout(s *statement) {
	if !s.deny {
		return
	}
	if s.NotPrincipal != nil {
		c.lockoutByNotPrincipal(s)
		return
	}
	everyone := slices.ContainsFunc(s.principals(), func(p principal) bool { return p.Value == "*" && p.kind == "AWS" })
	all := slices.ContainsFunc(s.actions,
		func(a entry) bool { return strings.Trim(strings.ToLower(a.Value), "*") == "s3:" || a.Value == "*" })
	if everyone && all && len(s.conditions) == 0 {
		c.report(
			"lockout",
			s.place,
			nil,
			"This denies everything to everyone, including those who could change the policy. Only the account's "+
				"root user could delete it. Exempt the administrators with a condition on aws:PrincipalArn.",
		)
	}
}

func (c *checker) lockoutByNotPrincipal(s *statement) {
	exempt := principals(s.NotPrincipal, s.place.path+".NotPrincipal")
	accounts := map[string]bool{}
	for _, p := range exempt {
		a, ok := parseARN(p.Value)
		switch {
		case twelveDigits.MatchString(p.Value):
			accounts[p.Value] = true
		case ok && a.resource == "root":
			accounts[a.account] = true
		}
	}
	for _, p := range exempt {
		a, ok := parseARN(p.Value)
		if p.kind != "AWS" || !ok || accounts[a.account] {
			continue
		}
		c.report(
			"lockout",
			p.place,
			nil,
			"NotPrincipal exempts %q but not its account, so the principal is denied along with its account. Add "+
				"arn:%s:iam::%s:root, or better, deny Principal \"*\" with an ArnNotEquals condition on "+
				"aws:PrincipalArn.",
			shorten(p.Value),
			a.partition,
			a.account,
		)
		return
	}
}
