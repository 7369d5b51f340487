package lint

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

var oidcRules = []rule{
	{of(iam.Trust), (*checker).oidcProviders},
}

const gitHub = "token.actions.githubusercontent.com"

// sharedIssuers are providers that anyone can get tokens from. Only the
// subject distinguishes their customers.
var sharedIssuers = []string{"gitlab.com", "agent.buildkite.com", "app.terraform.io", "oidc.circleci.com"}

// subjectClaims are claims that identify a project as "sub" does.
var subjectClaims = []string{
	"sub", "repository", "repository_id", "job_workflow_ref", "project_id", "pipeline_id",
	"oidc.circleci.com/project-id",
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
	gitHubs := provider == gitHub || strings.HasPrefix(provider, gitHub+"/")
	bindsSubject := slices.ContainsFunc(claims, func(on claim) bool { return slices.Contains(subjectClaims, on.name) })
	bindsAudience := slices.ContainsFunc(claims, func(on claim) bool { return on.name == "aud" || on.name == "oaud" })
	switch {
	case len(claims) == 0:
		c.report("oidc-missing-condition", p.place, nil,
			"Every token of %s can be used to assume this role. Add conditions on \"%s:aud\" and \"%s:sub\".", provider,
			provider, provider)
		return
	case gitHubs && !bindsSubject:
		c.report(
			"oidc-github-missing-sub",
			p.place,
			nil,
			"Jobs of every repository on GitHub can assume this role. Restrict \"%s:sub\" to one repository and "+
				"branch, as in repo:OWNER/NAME:ref:refs/heads/main.",
			provider,
		)
	case slices.Contains(sharedIssuers, provider) && !bindsSubject:
		c.report("oidc-missing-condition", p.place, nil,
			"Jobs of every customer of %s can assume this role. Restrict \"%s:sub\" to your organization and project.",
			provider, provider)
	}
	if !bindsAudience {
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
	for _, on := range claims {
		if gitHubs && on.name == "sub" && on.operator.wild {
			c.gitHubSubject(on)
		}
	}
}

// claim is a condition on a claim of a provider's token.
type claim struct {
	*condition
	name string
}

// claimsOf returns the statement's binding conditions on a provider's claims.
func claimsOf(s *statement, provider string) []claim {
	var out []claim
	for i := range s.conditions {
		on := &s.conditions[i]
		if len(on.Key.Value) <= len(provider)+1 || !strings.EqualFold(on.Key.Value[:len(provider)+1], provider+":") ||
			!on.binding() {
			continue
		}
		out = append(out, claim{on, strings.ToLower(on.Key.Value[len(provider)+1:])})
	}
	return out
}

// gitHubSubject checks the wildcards of "repo:OWNER/NAME:CONTEXT". One in the
// owner matches strangers' repositories. One in the name matches many
// repositories, and a context of "*" every branch and pull request.
func (c *checker) gitHubSubject(on claim) {
	for _, value := range on.entries() {
		subject := plain(value.Value)
		owner, name, _ := strings.Cut(strings.TrimPrefix(subject, "repo:"), "/")
		name, context, hasContext := strings.Cut(name, ":")
		switch {
		case !wildcards(subject):
		case !strings.HasPrefix(subject, "repo:") || wildcards(owner) || owner == "":
			c.reportAs(
				"oidc-github-wildcard-sub",
				Security,
				value.place,
				nil,
				"%q also matches repositories of other owners, and anyone can create one. Write the whole owner and "+
					"repository: repo:OWNER/NAME:ref:refs/heads/main.",
				shorten(value.Value),
			)
		case wildcards(name):
			c.reportAs("oidc-github-wildcard-sub", Warning, value.place, nil,
				"%q matches several repositories of %s, including future ones. Name the repository.",
				shorten(value.Value), owner)
		case !hasContext || strings.Trim(context, "*") == "":
			c.reportAs("oidc-github-wildcard-sub", Warning, value.place, nil,
				"%q matches every branch, tag and pull request of %s/%s. Name the branch or the environment, as in %s.",
				shorten(value.Value), owner, name, "repo:"+owner+"/"+name+":ref:refs/heads/main")
		}
	}
}
