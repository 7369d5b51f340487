package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

var principalRules = []rule{
	{named, (*checker).principalForms},
	{named, (*checker).principalWildcards},
	{named, (*checker).redundantPrincipals},
}

// principal is one value of a Principal element.
type principal struct {
	entry
	kind string // "AWS", "Service", "Federated" or "CanonicalUser"
}

func principals(p *iam.PrincipalElement, path string) []principal {
	if p == nil {
		return nil
	}
	if p.Any {
		return []principal{
			{entry{Text: iam.Text{Value: "*", Position: p.Position}, place: place{p.Position, path}}, "AWS"},
		}
	}
	var out []principal
	for i := range p.Entries {
		e := &p.Entries[i]
		for _, value := range entries(e.Values, path+"."+e.Type.Value) {
			out = append(out, principal{value, e.Type.Value})
		}
	}
	return out
}

func (s *statement) principals() []principal {
	return principals(s.Principal, s.place.path+".Principal")
}

func (s *statement) everyPrincipal() []principal {
	return append(s.principals(), principals(s.NotPrincipal, s.place.path+".NotPrincipal")...)
}

var (
	twelveDigits = regexp.MustCompile(`^[0-9]{12}$`)
	principalARN = regexp.MustCompile(
		`^arn:[a-z-]+:(?:iam::[0-9]{12}:(?:root|user/.+|role/.+|group/.+|oidc-provider/.+|saml-provider` +
			`/.+)|sts::[0-9]{12}:(?:assumed-role/[^/]+/.+|federated-user/.+|self))$`,
	)
	canonicalID = regexp.MustCompile(`^[0-9a-f]{64}$`)
	uniqueID    = regexp.MustCompile(`^(?:AIDA|AROA|ACCA|AGPA)[A-Z0-9]{12,}$`)
	deletedID   = regexp.MustCompile(`^(?:AIDA|AROA)[A-Z0-9]{12,}$`)
	cloudFront  = regexp.MustCompile(`^arn:[a-z-]+:iam::cloudfront:user/.+$`)
	serviceName = regexp.MustCompile(
		`^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$|^[a-z0-9.-]+\.(?:aws\.internal|amazon\.com|alexa\.com)$`,
	)
	providerARN   = regexp.MustCompile(`^arn:[a-z-]+:iam::[0-9]{12}:(?:oidc-provider|saml-provider)/.+$`)
	providerHosts = map[string]bool{
		"accounts.google.com": true, "www.amazon.com": true,
		"graph.facebook.com": true, "cognito-identity.amazonaws.com": true,
		"appleid.apple.com": true,
	}
	domainName = regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$`)
)

func (c *checker) principalForms(s *statement) {
	for _, p := range s.everyPrincipal() {
		if wildcards(p.Value) || strings.Contains(p.Value, "${") {
			continue // other rules report it
		}
		switch p.kind {
		case "AWS":
			c.awsPrincipal(p)
		case "Service":
			if !serviceName.MatchString(p.Value) {
				c.report("invalid-principal-format", p.place, lowered(p),
					"%q is not a service name. Use a name such as s3.amazonaws.com.", shorten(p.Value))
			}
		case "CanonicalUser":
			if !canonicalID.MatchString(p.Value) {
				c.report("invalid-principal-format", p.place, nil,
					"%q is not a canonical user ID. It must have 64 hexadecimal digits.", shorten(p.Value))
			}
		case "Federated":
			c.federated(p)
		}
	}
}

func (c *checker) awsPrincipal(p principal) {
	switch {
	case deletedID.MatchString(p.Value):
		c.report("deleted-principal", p.place, nil,
			"%q is the ID of a %s that was deleted: AWS shows the ARN of one that exists. One created with the same name "+
				"isn't it. Name the ARN again, or remove the principal.", shorten(p.Value), idOwner(p.Value))
	case twelveDigits.MatchString(p.Value), uniqueID.MatchString(p.Value), cloudFront.MatchString(p.Value):
	case c.foreignPartition(p):
	case !principalARN.MatchString(p.Value):
		c.report("invalid-principal-format", p.place, nil,
			"%q is not a principal. Use a 12-digit account ID, or the ARN of an account (…:root), user or role.",
			shorten(p.Value))
	case strings.Contains(p.Value, ":group/"):
		c.report("invalid-principal-format", p.place, nil,
			"%q is a group, and a group can't be a principal. Name its users, or a role.", shorten(p.Value))
	}
}

// idOwner returns what has an ID.
func idOwner(id string) string {
	if strings.HasPrefix(id, "AROA") {
		return "role"
	}
	return "user"
}

// foreignPartition reports an unknown partition and returns whether it did.
func (c *checker) foreignPartition(p principal) bool {
	a, ok := parseARN(p.Value)
	if !ok || slices.Contains(partitions, a.partition) {
		return false
	}
	c.arnPartition(p.entry, a)
	return true
}

func lowered(p principal) edit {
	if fixed := strings.ToLower(p.Value); fixed != p.Value && serviceName.MatchString(fixed) {
		return replace(p.Position, fixed)
	}
	return nil
}

func (c *checker) federated(p principal) {
	known := providerARN.MatchString(p.Value) || providerHosts[p.Value] || domainName.MatchString(p.Value)
	if !known {
		c.report(
			"invalid-federated-principal",
			p.place,
			nil,
			"%q is not an identity provider. Use the ARN of the provider in IAM, such as "+
				"arn:aws:iam::111122223333:oidc-provider/HOST.",
			shorten(p.Value),
		)
	}
}

// principalWildcards reports wildcards in a part of a principal.
func (c *checker) principalWildcards(s *statement) {
	for _, p := range s.everyPrincipal() {
		if !wildcards(p.Value) || p.Value == "*" && p.kind == "AWS" {
			continue
		}
		if c.kind == iam.Trust {
			c.report(
				"trust-wildcard-in-principal",
				p.place,
				nil,
				"IAM rejects a wildcard in a part of the principal %q. Name each principal, or name its account and "+
					"add a condition on aws:PrincipalArn.",
				shorten(p.Value),
			)
			continue
		}
		c.report(
			"wildcard-in-principal",
			p.place,
			nil,
			"A wildcard in a part of the principal %q is not supported. Name each principal, or name its account "+
				"and add a condition on aws:PrincipalArn.",
			shorten(p.Value),
		)
	}
}

// redundantPrincipals reports duplicate principals, and sessions of a role
// that is a principal too.
func (c *checker) redundantPrincipals(s *statement) {
	list := s.principals()
	if len(list) > maxCompared {
		return
	}
	for i, p := range list {
		for j, other := range list {
			twice := p.kind == other.kind && p.Value == other.Value && j < i
			everyone := p.kind == "AWS" && other.kind == "AWS" && other.Value == "*" && p.Value != "*"
			if twice || everyone || sessionOf(p.Value, other.Value) {
				c.report("redundant-principal", p.place, remove(p.Position), "%q is already covered by %q. Remove it.",
					shorten(p.Value), shorten(other.Value))
				break
			}
		}
	}
}

// sessionOf reports whether the first ARN is a session of the role of the second.
func sessionOf(session, role string) bool {
	s, ok := parseARN(session)
	r, isARN := parseARN(role)
	if !ok || !isARN || s.account != r.account || s.partition != r.partition ||
		!strings.HasPrefix(r.resource, "role/") {
		return false
	}
	name, found := strings.CutPrefix(s.resource, "assumed-role/")
	name, _, _ = strings.Cut(name, "/")
	return found && name == r.resource[strings.LastIndex(r.resource, "/")+1:]
}
