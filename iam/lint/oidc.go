package lint

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

var oidcRules = []rule{
	{of(iam.Trust), (*checker).oidcProviders},
}

func (c *checker) oidcProviders(s *statement) {
	if !s.allow {
		return
	}
	for _, p := range s.principals() {
		if callerKind(p) != "oidc" {
			continue
		}
		provider := p.Value
		if i := strings.Index(provider, ":oidc-provider/"); i >= 0 {
			provider = provider[i+len(":oidc-provider/"):]
		}
		c.oidcProvider(s, p, provider)
	}
}

func (c *checker) oidcProvider(s *statement, p principal, provider string) {
	claims := claimsOf(s, provider)
	issuer := findIssuer(provider)
	if len(claims) == 0 && (issuer == nil || !issuer.pinned(s)) {
		c.report("oidc-missing-condition", p.place, nil,
			"Every token of %s can be used to assume this role. Add conditions on \"%s:aud\" and \"%s:sub\".", provider,
			provider, provider)
		return
	}
	if issuer != nil {
		c.sharedIssuer(s, p, provider, issuer, claims)
	}
	if strings.HasPrefix(strings.ToLower(provider), circleOrganization) {
		c.circleProjects(p, provider, claims)
	}
	if !slices.ContainsFunc(claims, func(on claim) bool { return on.name == "aud" || on.name == "oaud" }) {
		c.report(
			"oidc-missing-aud",
			p.place,
			nil,
			"Tokens of %s that were issued for other services are accepted too. Add a condition on \"%s:aud\", with "+
				"sts.amazonaws.com if your provider lets you choose.",
			provider,
			provider,
		)
	}
}

// circleOrganization begins the issuer of one organization at CircleCI.
const circleOrganization = "oidc.circleci.com/org/"

// circleProjects warns if tokens of every project of an organization at CircleCI
// are accepted. Its issuer has the organization, and only claims the project.
func (c *checker) circleProjects(p principal, provider string, claims []claim) {
	for _, on := range claims {
		if on.name == "oidc.circleci.com/project-id" || on.name == "sub" && !slices.ContainsFunc(on.entries(),
			func(v entry) bool { return !namesCircleProject(on, v.Value) }) {
			return
		}
	}
	c.report("oidc-wildcard-sub", p.place, nil,
		"Jobs of every project of the organization can assume this role, including future ones. Restrict \"%s:sub\" to a "+
			"project, as in org/ORGANIZATION_ID/project/PROJECT_ID/*.", provider)
}

// namesCircleProject reports whether a subject has the ID of a project, or names
// the repository.
func namesCircleProject(on claim, value string) bool {
	text, whole := fixedText(on, value)
	_, origin, _ := strings.Cut(value, "/vcs-origin/")
	repository, _, _ := strings.Cut(origin, "/vcs-ref/")
	return whole || names("org/{}/project/{}/", text, whole) || repository != "" && !wildcards(repository)
}

// sharedIssuer checks that only tokens of one customer of a shared issuer are
// accepted, and warns about wildcards that accept all of its projects.
func (c *checker) sharedIssuer(s *statement, p principal, provider string, issuer *issuer, claims []claim) {
	pinned := issuer.pinned(s) || slices.ContainsFunc(claims, issuer.pins)
	subjects := subjectsOf(claims)
	switch {
	case issuer.host == gitHub:
		c.gitHubSubjects(p, provider, issuer, pinned, claims)
		return
	case !pinned:
		at := p.place
		if len(subjects) > 0 {
			at = subjects[0].place
		}
		c.report("oidc-missing-condition", at, nil,
			"Jobs of every customer of %s can assume this role, because anyone can get a token that matches. Restrict "+
				"%s to your organization and project, as in %s.", provider, issuer.claim(provider), issuer.example)
		return
	}
	for _, on := range subjects {
		for _, value := range on.entries() {
			if text, whole := fixedText(on, value.Value); issuer.namesTenant("sub", text, whole) &&
				!issuer.namesProject(text, whole) && !whole {
				c.report("oidc-wildcard-sub", value.place, nil,
					"%q matches every project of the organization, including future ones. Name the project, as in %s.",
					shorten(value.Value), issuer.example)
			}
		}
	}
}

// claim is a condition on a claim of a provider's token.
type claim struct {
	*condition
	name string
}

// claimsOf returns the statement's conditions that restrict a provider's
// claims to certain values.
func claimsOf(s *statement, provider string) []claim {
	var out []claim
	for i := range s.conditions {
		on := &s.conditions[i]
		if len(on.Key.Value) <= len(provider)+1 || !strings.EqualFold(on.Key.Value[:len(provider)+1], provider+":") ||
			!on.binding() {
			continue
		}
		name := strings.ToLower(on.Key.Value[len(provider)+1:])
		if name == "sub" && findIssuer(provider) != nil || !on.matchesAnything() {
			out = append(out, claim{on, name})
		}
	}
	return out
}

// matchesAnything reports whether one of a condition's values is only a wildcard.
func (c *condition) matchesAnything() bool {
	return slices.ContainsFunc(c.Values.Values, func(v iam.Text) bool {
		return c.operator.wild && strings.Contains(v.Value, "*") && strings.Trim(v.Value, "*?") == ""
	})
}

// fixedText returns the beginning of a value up to its first wildcard or
// variable, and whether that is the whole value.
func fixedText(on claim, value string) (text string, whole bool) {
	end := -1
	if on.operator.wild {
		value = plain(value)
		end = strings.IndexAny(value, "*?")
	}
	if i := strings.Index(value, "${"); i >= 0 && (end < 0 || i < end) {
		end = i
	}
	if end < 0 {
		return value, true
	}
	return value[:end], false
}

func subjectsOf(claims []claim) []claim {
	return slices.DeleteFunc(slices.Clone(claims), func(on claim) bool { return on.name != "sub" })
}

// gitHubSubjects checks subjects of GitHub: "repo:OWNER/NAME:CONTEXT", or one
// that its owner customized.
func (c *checker) gitHubSubjects(p principal, provider string, issuer *issuer, pinned bool, claims []claim) {
	subjects := subjectsOf(claims)
	if !pinned && len(subjects) == 0 {
		c.report(
			"oidc-github-missing-sub",
			p.place,
			nil,
			"Jobs of every repository on GitHub can assume this role. Restrict \"%s:sub\" to one repository and "+
				"branch, as in %s.",
			provider,
			issuer.example,
		)
	}
	for _, on := range subjects {
		for _, value := range on.entries() {
			c.gitHubSubject(on, value, issuer, pinned)
		}
	}
	if pinned && !slices.ContainsFunc(claims, pinsID) {
		c.repositoryName(provider, subjects)
	}
}

// pinsID reports whether a condition compares with IDs, which nobody can take
// over.
func pinsID(on claim) bool {
	return on.name == "repository_id" || on.name == "enterprise_id" ||
		on.name == "sub" && !slices.ContainsFunc(on.Values.Values, func(v iam.Text) bool {
			return !strings.Contains(v.Value, "@") && !strings.Contains(v.Value, "_id:")
		})
}

// repositoryName suggests an ID in addition to a repository's name.
func (c *checker) repositoryName(provider string, subjects []claim) {
	for _, on := range subjects {
		c.report("oidc-mutable-name", on.place, nil,
			"Another owner can take over the name of a renamed or deleted repository. Also require its ID: add "+
				"\"%s:repository_id\".", provider)
		return
	}
}

// gitHubSubject checks one subject. A wildcard in the owner matches strangers'
// repositories. One in the name matches many repositories, and a context of "*"
// every branch and pull request.
func (c *checker) gitHubSubject(on claim, value entry, issuer *issuer, pinned bool) {
	text, whole := fixedText(on, value.Value)
	rest, isRepo := strings.CutPrefix(text, "repo:")
	_, context, hasContext := strings.Cut(rest, ":")
	switch {
	case !issuer.namesTenant("sub", text, whole) && !pinned:
		c.reportAs("oidc-github-wildcard-sub", Security, value.place, nil,
			"%q also matches repositories of other owners, and anyone can create one. Write the whole owner and "+
				"repository: repo:OWNER/NAME:ref:refs/heads/main.", shorten(value.Value))
	case isRepo && whole && !hasContext:
		c.report("condition-value-never-matches", value.place, replace(value.Position, text+":ref:refs/heads/main"),
			"%q is never the subject of a token, because a subject ends with the branch, tag or environment. Use %s.",
			shorten(value.Value), text+":ref:refs/heads/main")
	case whole || pinned && !issuer.namesTenant("sub", text, whole):
	case isRepo && !issuer.namesProject(text, whole):
		c.reportAs("oidc-github-wildcard-sub", Warning, value.place, nil,
			"%q matches several repositories of the owner, including future ones. Name the repository.",
			shorten(value.Value))
	case isRepo && context == "" && strings.Trim(strings.TrimPrefix(plain(value.Value), text), "*") == "":
		c.reportAs("oidc-github-wildcard-sub", Warning, value.place, nil,
			"%q matches every branch, tag and pull request of the repository. Name the branch or the environment, "+
				"as in %s.", shorten(value.Value), text+"ref:refs/heads/main")
	}
}
