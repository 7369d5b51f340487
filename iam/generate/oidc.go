package generate

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// maxSubjects limits the length of a trust policy: AWS's default quota is
// 2,048 characters.
const maxSubjects = 20

var (
	audience  = printable{regexp.MustCompile(`^[\x21-\x23\x25-\x29\x2b-\x3e\x40-\x7e]+$`), 255}
	subject   = printable{regexp.MustCompile(`^[\x20-\x23\x25-\x7e]+$`), 500}
	claimName = regexp.MustCompile(`^[A-Za-z0-9_./:-]{1,100}$`)
)

// printable is a pattern of ASCII characters with a bound on the length. A bound
// inside the pattern makes it slow to compile.
type printable struct {
	form *regexp.Regexp
	most int // bytes
}

// MatchString reports whether a text matches.
func (p printable) MatchString(text string) bool {
	return len(text) <= p.most && p.form.MatchString(text)
}

// OIDCTrust describes the ID tokens that can assume a role. [CircleCI],
// [GitHub], [GitLab], [Buildkite] and [TerraformCloud] return one for their
// product.
type OIDCTrust struct {
	Partition Partition // empty: aws
	Account   string    // of the role and of the IAM OIDC provider: 12 digits
	Issuer    string    // https, without a query, as in the token's "iss"
	Audience  string    // as in the token's "aud"; a single value
	// Subjects are the accepted values of "sub", at least one. "*" and "?" can
	// match parts that vary between jobs, such as a commit or a user's ID, but
	// not in the first segment.
	Subjects []string
	// Claims are further claims that AWS has a condition key for. It maps the
	// key's name after the issuer ("repository_id") to the accepted values.
	Claims map[string][]string
}

// OIDCTrustPolicy returns the trust policy that allows the tokens to assume
// the role, indented. It always restricts audience and subject, and uses exact
// matches for subjects without wildcards.
func OIDCTrustPolicy(trust OIDCTrust) ([]byte, error) {
	partition, err := trust.Partition.Normalize()
	if err != nil {
		return nil, err
	}
	if err := checkAccount("account", trust.Account); err != nil {
		return nil, err
	}
	provider, err := providerName(trust.Issuer)
	if err != nil {
		return nil, err
	}
	matches, err := trust.conditions(provider)
	if err != nil {
		return nil, err
	}
	return newDocument(statement{
		Effect: "Allow",
		Principal: &principals{
			Federated: "arn:" + string(partition) + ":iam::" + trust.Account + ":oidc-provider/" + provider,
		},
		Action:    values{"sts:AssumeRoleWithWebIdentity"},
		Condition: matches,
	}).pretty()
}

func (t OIDCTrust) conditions(provider string) (conditions, error) {
	if !audience.MatchString(t.Audience) {
		return nil, invalid("audience", t.Audience, "an audience is one literal value of 1 to 255 characters")
	}
	if n := len(t.Subjects); n == 0 || n > maxSubjects {
		return nil, invalid("subjects", fmt.Sprint(n),
			"specify 1 to %d subjects: without one, every job of the provider could assume the role", maxSubjects)
	}
	equal := map[string]values{provider + ":aud": {t.Audience}}
	out := conditions{"StringEquals": equal}
	operator := "StringEquals"
	for i, s := range t.Subjects {
		if err := checkSubject(fmt.Sprintf("subjects[%d]", i), s); err != nil {
			return nil, err
		}
		if strings.ContainsAny(s, "*?") {
			operator = "StringLike"
		}
	}
	if out[operator] == nil {
		out[operator] = map[string]values{}
	}
	out[operator][provider+":sub"] = slices.Compact(slices.Sorted(slices.Values(t.Subjects)))
	for _, name := range slices.Sorted(maps.Keys(t.Claims)) {
		if !claimName.MatchString(name) {
			return nil, invalid("claims", name, "a claim's name can have letters, digits and _ . / : -")
		}
		for _, value := range t.Claims[name] {
			if !audience.MatchString(value) {
				return nil, invalid("claims."+name, value, "a claim's value is literal and has 1 to 255 characters")
			}
		}
		if len(t.Claims[name]) > 0 {
			equal[provider+":"+name] = t.Claims[name]
		}
	}
	return out, nil
}

// checkSubject rejects a subject whose first segment isn't literal. The first
// segment names the organization, and anyone can create one.
func checkSubject(field, text string) error {
	if !subject.MatchString(text) {
		return invalid(field, text, "a subject has 1 to 500 printable characters, and no $")
	}
	wild := strings.IndexAny(text, "*?")
	if wild < 0 {
		return nil
	}
	fixed := text[:wild]
	if i := strings.LastIndexAny(fixed, "/:"); i < 0 ||
		strings.Count(fixed[:i+1], "/")+strings.Count(fixed[:i+1], ":") < 2 {
		return invalid(field, text, "a subject must name its organization and project before the first wildcard")
	}
	return nil
}

// providerName returns the issuer without the scheme, as IAM names it.
func providerName(issuer string) (string, error) {
	parsed, err := url.Parse(issuer)
	if err != nil || parsed.Scheme != "https" || parsed.Host == "" || parsed.User != nil ||
		parsed.RawQuery != "" || parsed.Fragment != "" || strings.ContainsAny(issuer, "*?$ %") || len(issuer) > 255 {
		return "", invalid("issuer", issuer, "an issuer is an https URL without user, query or fragment")
	}
	return strings.TrimSuffix(strings.TrimPrefix(issuer, "https://"), "/"), nil
}
