package lint

import (
	"regexp"
	"slices"
	"strings"
)

const gitHub = "token.actions.githubusercontent.com"

// issuer is an OIDC provider that anyone can get tokens from. Only claims
// distinguish its customers.
type issuer struct {
	host    string
	example string // of a subject
	// tenant maps claims to the forms of values that belong to one customer, and
	// project has the forms of subjects of one project. In a form, {} is a name.
	tenant  map[string][]string
	project []string
	// sessionTags are tags of the request that name the customer.
	sessionTags []string
}

// issuers are the shared providers. AWS requires for many of them a condition on a claim that
// distinguishes customers. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html.
var issuers = []issuer{
	{
		host: gitHub, example: "repo:OWNER/NAME:ref:refs/heads/main",
		tenant: map[string][]string{
			"sub": {
				"repo:{}/", "repository:{}/", "repository_owner:{}", "repository_owner_id:{}", "repository_id:{}",
				"job_workflow_ref:{}/", "enterprise:{}", "enterprise_id:{}",
			},
			"repository": {"{}/"}, "repository_id": {"{}"}, "enterprise_id": {"{}"}, "job_workflow_ref": {"{}/"},
		},
		project: []string{"repo:{}/{}", "repository:{}/{}", "repository_id:{}", "job_workflow_ref:{}/{}"},
	},
	{
		host: "gitlab.com", example: "project_path:GROUP/PROJECT:ref_type:branch:ref:main",
		tenant:  map[string][]string{"sub": {"project_path:{}/"}},
		project: []string{"project_path:{}/{}"},
	},
	{
		host: "agent.buildkite.com", example: "organization:ORGANIZATION:pipeline:PIPELINE:ref:refs/heads/main:*",
		tenant:      map[string][]string{"sub": {"organization:{}:"}},
		project:     []string{"organization:{}:pipeline:{}"},
		sessionTags: []string{"aws:RequestTag/organization_id", "aws:RequestTag/pipeline_id"},
	},
	{
		host: "app.terraform.io", example: "organization:ORGANIZATION:project:PROJECT:workspace:WORKSPACE:run_phase:*",
		tenant:  map[string][]string{"sub": {"organization:{}:"}},
		project: []string{"organization:{}:project:{}"},
	},
	{
		host: "oidc.circleci.com", example: "org/ORGANIZATION_ID/project/PROJECT_ID/user/*",
		tenant:  map[string][]string{"sub": {"org/{}/"}, "oidc.circleci.com/project-id": {"{}"}},
		project: []string{"org/{}/project/{}/"},
	},
	{
		host: "oidc.codefresh.io", example: "account:ACCOUNT_ID:pipeline:PIPELINE_ID:*",
		tenant:  map[string][]string{"sub": {"account:{}:"}},
		project: []string{"account:{}:pipeline:{}"},
	},
	{
		host: "scalr.io", example: "account:ACCOUNT:environment:ENVIRONMENT:workspace:WORKSPACE",
		tenant:  map[string][]string{"sub": {"account:{}:"}},
		project: []string{"account:{}:environment:{}"},
	},
	{
		host: "api.pulumi.com/oidc", example: "pulumi:deploy:org:ORGANIZATION:project:PROJECT:*",
		tenant:  map[string][]string{"sub": {"org:{}:", "organization:{}:"}, "aud": {"{}"}},
		project: []string{"org:{}:project:{}"},
	},
	{
		host: "oidc.vercel.com", example: "owner:TEAM:project:PROJECT:environment:production",
		tenant:  map[string][]string{"sub": {"owner:{}:"}, "aud": {"https://vercel.com/{}"}},
		project: []string{"owner:{}:project:{}"},
	},
	{
		host: "cognito-identity.amazonaws.com", example: "REGION:POOL_ID",
		tenant: map[string][]string{"aud": {"{}"}},
	},
	{
		host: "accounts.google.com", example: "the ID of your application",
		tenant: map[string][]string{"aud": {"{}"}, "oaud": {"{}"}, "sub": {"{}"}, "azp": {"{}"}},
	},
}

// findIssuer returns the shared issuer of a provider's name, or nil. GitHub
// gives enterprises an issuer with a path, but its tokens need the same
// conditions.
func findIssuer(provider string) *issuer {
	provider = strings.TrimSuffix(strings.ToLower(provider), "/")
	for i := range issuers {
		if provider == issuers[i].host || issuers[i].host == gitHub && strings.HasPrefix(provider, gitHub+"/") {
			return &issuers[i]
		}
	}
	return nil
}

// claim returns the condition key that distinguishes customers.
func (i *issuer) claim(provider string) string {
	for _, name := range []string{"sub", "aud"} {
		if len(i.tenant[name]) > 0 {
			return `"` + provider + ":" + name + `"`
		}
	}
	return `"` + provider + `:sub"`
}

// pinned reports whether a session tag names one customer.
func (i *issuer) pinned(s *statement) bool {
	return len(i.sessionTags) > 0 && s.bound(i.sessionTags...)
}

// pins reports whether every value of a condition belongs to one customer.
func (i *issuer) pins(on claim) bool {
	values := on.entries()
	return len(values) > 0 && !slices.ContainsFunc(values, func(v entry) bool {
		text, whole := fixedText(on, v.Value)
		return !i.namesTenant(on.name, text, whole)
	})
}

// uuid is the form of IDs that nobody can choose.
var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// namesTenant reports whether every value of a claim that begins with a text
// belongs to one customer. whole is true if no other text follows it.
func (i *issuer) namesTenant(claim, text string, whole bool) bool {
	if claim == "sub" && whole && uuid.MatchString(text) {
		return true // Buildkite's subject can be the ID of the organization or pipeline
	}
	return slices.ContainsFunc(i.tenant[claim], func(form string) bool { return namesIn(form, text, whole) })
}

func (i *issuer) namesProject(text string, whole bool) bool {
	return slices.ContainsFunc(i.project, func(form string) bool { return namesIn(form, text, whole) })
}

// namesIn reports whether a text has a form, at its beginning or after a colon.
func namesIn(form, text string, whole bool) bool {
	for {
		if names(form, text, whole) {
			return true
		}
		_, rest, ok := strings.Cut(text, ":")
		if !ok || strings.HasPrefix(form, "{}") {
			return false
		}
		text = rest
	}
}

// names reports whether a text begins with a form whose names are complete: the
// character after each name, or the end of a whole text, shows where it ends.
func names(form, text string, whole bool) bool {
	for {
		literal, rest, hole := strings.Cut(form, "{}")
		after, ok := strings.CutPrefix(text, literal)
		if !ok || !hole {
			return ok
		}
		end := byte(':')
		if rest != "" {
			end = rest[0]
		}
		switch i := strings.IndexByte(after, end); {
		case i == 0:
			return false
		case i < 0 || rest == "" && strings.HasPrefix(form, "{}"): // the name is the whole value
			return whole && rest == "" && after != ""
		default:
			text, form = after[i:], rest
		}
	}
}
