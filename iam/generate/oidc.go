package generate

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// maxSubjects bounds a trust policy: AWS takes 2,048 characters by default.
const maxSubjects = 20

var (
	audience  = regexp.MustCompile(`^[\x21-\x23\x25-\x29\x2b-\x3e\x40-\x7e]{1,255}$`)
	subject   = regexp.MustCompile(`^[\x20-\x23\x25-\x7e]{1,500}$`)
	claimName = regexp.MustCompile(`^[A-Za-z0-9_./:-]{1,100}$`)
)

// OIDCTrust is which ID tokens may be exchanged for a role. [CircleCI],
// [GitHub], [GitLab], [Buildkite] and [TerraformCloud] make one from the words
// of their product.
type OIDCTrust struct {
	Partition Partition // empty: aws
	Account   string    // of the role and of the IAM OIDC provider: 12 digits
	Issuer    string    // https, without a query, as in the token's "iss"
	Audience  string    // as in the token's "aud": one value
	// Subjects are the values of "sub" that are let in: one or more. "*" and "?"
	// stand for what a job may choose (a commit, a user's ID), never in the
	// first segment.
	Subjects []string
	// Claims are further claims that AWS has a condition key for, by the key's
	// name behind the issuer ("repository_id"): each must have one of the values.
	Claims map[string][]string
}

// OIDCTrustPolicy is the trust policy that lets the tokens assume the role:
// audience and subject are always pinned, exactly wherever the subject is
// known as a whole. Pretty-printed.
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
			"name 1 to %d subjects: without one, every job of the provider gets in", maxSubjects)
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
			return nil, invalid("claims", name, "a claim's name has letters, digits and _ . / : -")
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

// checkSubject refuses a subject whose first segment is not literal: it names
// the organization, and everyone can have one.
func checkSubject(field, text string) error {
	if !subject.MatchString(text) {
		return invalid(field, text, "a subject has 1 to 500 characters that print, and no $")
	}
	wild := strings.IndexAny(text, "*?")
	if wild < 0 {
		return nil
	}
	fixed := text[:wild]
	if i := strings.LastIndexAny(fixed, "/:"); i < 0 ||
		strings.Count(fixed[:i+1], "/")+strings.Count(fixed[:i+1], ":") < 2 {
		return invalid(field, text, "a subject names its organization and project before the first wildcard")
	}
	return nil
}

// providerName is the issuer as IAM names it: without the scheme.
func providerName(issuer string) (string, error) {
	parsed, err := url.Parse(issuer)
	if err != nil || parsed.Scheme != "https" || parsed.Host == "" || parsed.User != nil ||
		parsed.RawQuery != "" || parsed.Fragment != "" || strings.ContainsAny(issuer, "*?$ %") || len(issuer) > 255 {
		return "", invalid("issuer", issuer, "an issuer is an https address without user, query or fragment")
	}
	return strings.TrimSuffix(strings.TrimPrefix(issuer, "https://"), "/"), nil
}
