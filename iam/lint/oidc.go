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

// sharedIssuers are providers whose tokens anyone can have, so that only the
// subject tells one customer from another.
var sharedIssuers = []string{"gitlab.com", "agent.buildkite.com", "app.terraform.io", "oidc.circleci.com"}

// subjectClaims are claims that bind a token to a project as "sub" does.
var subjectClaims = []string{"sub", "repository", "repository_id", "job_workflow_ref", "project_id", "pipeline_id", "oidc.circleci.com/project-id"}

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
	about := slices.ContainsFunc(claims, func(on claim) bool { return slices.Contains(subjectClaims, on.name) })
	audience := slices.ContainsFunc(claims, func(on claim) bool { return on.name == "aud" || on.name == "oaud" })
	switch {
	case len(claims) == 0:
		c.report("oidc-missing-condition", p.place, nil, "Every token of %s lets its bearer assume this role. Bind \"%s:aud\" and \"%s:sub\" in a condition.", provider, provider, provider)
		return
	case gitHubs && !about:
		c.report("oidc-github-missing-sub", p.place, nil, "Jobs of every repository on GitHub can assume this role: bind \"%s:sub\" to one repository and branch, as in repo:OWNER/NAME:ref:refs/heads/main.", provider)
	case slices.Contains(sharedIssuers, provider) && !about:
		c.report("oidc-missing-condition", p.place, nil, "Jobs of every customer of %s can assume this role: bind \"%s:sub\" to your organization and project.", provider, provider)
	}
	if !audience {
		c.report("oidc-missing-aud", p.place, nil, "Tokens of %s that were made for another service are let in as well: bind \"%s:aud\", to sts.amazonaws.com if your provider lets you choose.", provider, provider)
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

// claimsOf returns the claims of a provider that the statement binds.
func claimsOf(s *statement, provider string) []claim {
	var out []claim
	for i := range s.conditions {
		on := &s.conditions[i]
		if len(on.Key.Value) <= len(provider)+1 || !strings.EqualFold(on.Key.Value[:len(provider)+1], provider+":") || !on.binding() {
			continue
		}
		out = append(out, claim{on, strings.ToLower(on.Key.Value[len(provider)+1:])})
	}
	return out
}

// gitHubSubject looks at the wildcards of "repo:OWNER/NAME:CONTEXT". One in
// the owner lets strangers in; one in the name, or a context that is wholly
// open, lets every repository or every branch and pull request in.
func (c *checker) gitHubSubject(on claim) {
	for _, value := range on.entries() {
		subject := plain(value.Value)
		owner, name, _ := strings.Cut(strings.TrimPrefix(subject, "repo:"), "/")
		name, context, hasContext := strings.Cut(name, ":")
		switch {
		case !wildcards(subject):
		case !strings.HasPrefix(subject, "repo:") || wildcards(owner) || owner == "":
			c.reportAs("oidc-github-wildcard-sub", Security, value.place, nil, "%q also fits repositories of other owners: anyone can make one that does. Write the owner and the repository as a whole: repo:OWNER/NAME:ref:refs/heads/main.", shorten(value.Value))
		case wildcards(name):
			c.reportAs("oidc-github-wildcard-sub", Warning, value.place, nil, "%q fits every repository of %s whose name does, those made later too. Name the repository.", shorten(value.Value), owner)
		case !hasContext || strings.Trim(context, "*") == "":
			c.reportAs("oidc-github-wildcard-sub", Warning, value.place, nil, "%q fits every branch, tag and pull request of %s/%s. Name the branch or the environment: %s.", shorten(value.Value), owner, name, "repo:"+owner+"/"+name+":ref:refs/heads/main")
		}
	}
}
