package ci

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
)

// The issuers of providers that have a single one.
const (
	GitHubIssuer    = "https://token.actions.githubusercontent.com"
	GitLabIssuer    = "https://gitlab.com"
	BuildkiteIssuer = "https://agent.buildkite.com"
	TerraformIssuer = "https://app.terraform.io"
	circleCIIssuer  = "https://oidc.circleci.com/org/"
)

// stsAudience is the audience that AWS's own actions and agents request.
const stsAudience = "sts.amazonaws.com"

// anyUUID and anyCommit match by length: "?" is a single character, so unlike
// "*" they can't match into the next segment.
var (
	anyUUID   = strings.Repeat("?", 36)
	anyCommit = strings.Repeat("?", 40)
)

var (
	// word is a name without the separators of a subject.
	word = regexp.MustCompile(`^[A-Za-z0-9_.@-]{1,255}$`)
	// refPath is words separated by slashes: a GitLab project, a git ref.
	refPath = regexp.MustCompile(`^[A-Za-z0-9_.@+#-]+(?:/[A-Za-z0-9_.@+#-]+)*$`)
	// title is a name that can have spaces, such as a Terraform project's.
	title = regexp.MustCompile(`^[A-Za-z0-9_.-](?:[A-Za-z0-9_. -]{0,98}[A-Za-z0-9_.-])?$`)
)

// CircleCI identifies the jobs of one CircleCI project.
type CircleCI struct {
	OrganizationID string   // a UUID; also the audience
	ProjectID      string   // a UUID
	UserIDs        []string // who may trigger the job; empty: every member
	// Origin and Ref together restrict the jobs to a branch or tag of a
	// repository ("github.com/acme/app" and "refs/heads/main"). Only the token
	// CIRCLE_OIDC_TOKEN_V2 has them.
	Origin, Ref string
}

// Trust returns the trust of the jobs in an account.
func (c CircleCI) Trust(account string) (generate.OIDCTrust, error) {
	if !uuid.MatchString(c.OrganizationID) {
		return generate.OIDCTrust{}, invalid("organization_id", c.OrganizationID,
			"a CircleCI organization ID is a lower-case UUID")
	}
	if !uuid.MatchString(c.ProjectID) {
		return generate.OIDCTrust{}, invalid("project_id", c.ProjectID, "a CircleCI project ID is a lower-case UUID")
	}
	users := c.UserIDs
	for i, user := range users {
		if !uuid.MatchString(user) {
			return generate.OIDCTrust{}, invalid(fmt.Sprintf("user_ids[%d]", i), user,
				"a CircleCI user ID is a lower-case UUID")
		}
	}
	if len(users) == 0 {
		users = []string{anyUUID}
	}
	tail, err := c.tail()
	if err != nil {
		return generate.OIDCTrust{}, err
	}
	trust := generate.OIDCTrust{Account: account, Issuer: circleCIIssuer + c.OrganizationID, Audience: c.OrganizationID}
	for _, user := range users {
		trust.Subjects = append(trust.Subjects, "org/"+c.OrganizationID+"/project/"+c.ProjectID+"/user/"+user+tail)
	}
	return trust, nil
}

func (c CircleCI) tail() (string, error) {
	switch {
	case c.Origin == "" && c.Ref == "":
		return "", nil
	case !refPath.MatchString(c.Origin):
		return "", invalid("origin", c.Origin, "use the repository as HOST/OWNER/NAME, together with its ref")
	case !refPath.MatchString(c.Ref) || !strings.HasPrefix(c.Ref, "refs/"):
		return "", invalid("ref", c.Ref, "use a whole ref, as in refs/heads/main, together with the origin")
	}
	return "/vcs-origin/" + c.Origin + "/vcs-ref/" + c.Ref, nil
}

// GitHub identifies the jobs of one repository on one ref, or in one environment.
type GitHub struct {
	Issuer            string // empty: [GitHubIssuer]
	Owner, Repository string
	// OwnerID and RepositoryID together select the immutable subject
	// (repo:owner@id/name@id:…) that repositories created, renamed or
	// transferred since 15 July 2026 have, and also require repository_id.
	OwnerID, RepositoryID string
	Ref                   string // "refs/heads/main"; exactly one of Ref and Environment
	Environment           string
	Audience              string // empty: sts.amazonaws.com
}

// Trust returns the trust of the jobs in an account.
func (g GitHub) Trust(account string) (generate.OIDCTrust, error) {
	for _, f := range []struct{ field, value string }{{"owner", g.Owner}, {"repository", g.Repository}} {
		if !word.MatchString(f.value) {
			return generate.OIDCTrust{}, invalid(f.field, f.value, "use one name, without wildcards")
		}
	}
	repository := g.Owner + "/" + g.Repository
	claims := map[string][]string{}
	if g.OwnerID != "" || g.RepositoryID != "" {
		if !isNumber(g.OwnerID) || !isNumber(g.RepositoryID) {
			return generate.OIDCTrust{}, invalid("repository_id", g.RepositoryID,
				"specify the numbers of both the owner and the repository")
		}
		repository = g.Owner + "@" + g.OwnerID + "/" + g.Repository + "@" + g.RepositoryID
		claims["repository_id"] = []string{g.RepositoryID}
	}
	context, err := g.context()
	if err != nil {
		return generate.OIDCTrust{}, err
	}
	return generate.OIDCTrust{
		Account: account, Issuer: cmp.Or(g.Issuer, GitHubIssuer), Audience: cmp.Or(g.Audience, stsAudience),
		Subjects: []string{"repo:" + repository + ":" + context}, Claims: claims,
	}, nil
}

func (g GitHub) context() (string, error) {
	switch {
	case (g.Ref == "") == (g.Environment == ""):
		return "", invalid("ref", g.Ref, "specify either a ref or an environment: a whole repository allows every "+
			"branch")
	case g.Ref != "" && (!refPath.MatchString(g.Ref) || !strings.HasPrefix(g.Ref, "refs/")):
		return "", invalid("ref", g.Ref, "use a whole ref, as in refs/heads/main")
	case g.Ref != "":
		return "ref:" + g.Ref, nil
	case !word.MatchString(g.Environment):
		return "", invalid("environment", g.Environment, "use one environment's name, without spaces or wildcards")
	}
	return "environment:" + g.Environment, nil
}

// GitLab identifies the jobs of one project on one branch or tag.
type GitLab struct {
	Issuer   string // empty: [GitLabIssuer]; else the instance's address
	Project  string // "group/subgroup/project"
	RefType  string // "branch" or "tag"
	Ref      string // "main"
	Audience string // as in the job's id_tokens; required
}

// Trust returns the trust of the jobs in an account.
func (g GitLab) Trust(account string) (generate.OIDCTrust, error) {
	switch {
	case !refPath.MatchString(g.Project) || !strings.Contains(g.Project, "/"):
		return generate.OIDCTrust{}, invalid("project", g.Project, "use the project's whole path, as in group/project")
	case g.RefType != "branch" && g.RefType != "tag":
		return generate.OIDCTrust{}, invalid("ref_type", g.RefType, "a ref type is branch or tag")
	case !refPath.MatchString(g.Ref):
		return generate.OIDCTrust{}, invalid("ref", g.Ref, "use the name of one branch or tag, without wildcards")
	}
	return generate.OIDCTrust{
		Account: account, Issuer: cmp.Or(g.Issuer, GitLabIssuer), Audience: g.Audience,
		Subjects: []string{"project_path:" + g.Project + ":ref_type:" + g.RefType + ":ref:" + g.Ref},
	}, nil
}

// Buildkite identifies the jobs of one pipeline on one ref.
type Buildkite struct {
	Organization, Pipeline string // slugs
	Ref                    string // "refs/heads/main"
	Step                   string // a step's key; empty: every step
	Audience               string // empty: sts.amazonaws.com
}

// Trust returns the trust of the jobs in an account.
func (b Buildkite) Trust(account string) (generate.OIDCTrust, error) {
	switch {
	case !word.MatchString(b.Organization):
		return generate.OIDCTrust{}, invalid("organization", b.Organization, "use the organization's slug")
	case !word.MatchString(b.Pipeline):
		return generate.OIDCTrust{}, invalid("pipeline", b.Pipeline, "use the pipeline's slug")
	case !refPath.MatchString(b.Ref) || !strings.HasPrefix(b.Ref, "refs/"):
		return generate.OIDCTrust{}, invalid("ref", b.Ref, "use a whole ref, as in refs/heads/main")
	case b.Step != "" && !word.MatchString(b.Step):
		return generate.OIDCTrust{}, invalid("step", b.Step, "use one step's key")
	}
	return generate.OIDCTrust{
		Account: account, Issuer: BuildkiteIssuer, Audience: cmp.Or(b.Audience, stsAudience),
		Subjects: []string{"organization:" + b.Organization + ":pipeline:" + b.Pipeline + ":ref:" + b.Ref +
			":commit:" + anyCommit + ":step:" + cmp.Or(b.Step, "*")},
	}, nil
}

// TerraformCloud identifies the runs of one workspace.
type TerraformCloud struct {
	Organization, Project, Workspace string
	Phases                           []string // "plan", "apply"; empty: both
	Audience                         string   // empty: aws.workload.identity
}

// Trust returns the trust of the runs in an account.
func (t TerraformCloud) Trust(account string) (generate.OIDCTrust, error) {
	for _, f := range []struct{ field, value string }{
		{"organization", t.Organization}, {"project", t.Project}, {"workspace", t.Workspace},
	} {
		if !title.MatchString(f.value) {
			return generate.OIDCTrust{}, invalid(f.field, f.value, "use one name, without wildcards")
		}
	}
	phases := t.Phases
	if len(phases) == 0 {
		phases = []string{"plan", "apply"}
	}
	trust := generate.OIDCTrust{
		Account: account, Issuer: TerraformIssuer, Audience: cmp.Or(t.Audience, "aws.workload.identity"),
	}
	for _, phase := range phases {
		if phase != "plan" && phase != "apply" {
			return generate.OIDCTrust{}, invalid("phases", phase, "the phases of a run are plan and apply")
		}
		trust.Subjects = append(trust.Subjects,
			"organization:"+t.Organization+":project:"+t.Project+":workspace:"+t.Workspace+":run_phase:"+phase)
	}
	return trust, nil
}

func isNumber(text string) bool {
	return text != "" && len(text) <= 20 && strings.Trim(text, "0123456789") == ""
}

func invalid(field, value, reason string) error {
	return &generate.InputError{Field: field, Value: value, Reason: reason}
}
