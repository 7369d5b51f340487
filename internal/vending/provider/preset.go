package provider

import (
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/vending/idtoken"
)

// preset describes the tokens of a CI service.
type preset struct {
	issuer       string // empty when it depends on the organization or the installation
	jwks         string // path under the issuer
	maxAge       time.Duration
	claims       []Claim
	guards       []Guard
	organization string // what the organization's ID is, for people
}

func text(name string, role Role) Claim { return Claim{Name: name, Kind: idtoken.String, Role: role} }

func unchanging(name string, role Role) Claim {
	return Claim{Name: name, Kind: idtoken.String, Role: role, Unchanging: true}
}

func named(name string, role Role, instead string) Claim {
	return Claim{Name: name, Kind: idtoken.String, Role: role, Instead: instead}
}

// Presets returns the kinds that have a preset.
func Presets() []Kind { return []Kind{CircleCI, GitHub, GitLab, Buildkite, Terraform} }

func presetOf(kind Kind) (preset, bool) {
	switch kind {
	case CircleCI:
		return circleCI(), true
	case GitHub:
		return gitHub(), true
	case GitLab:
		return gitLab(), true
	case Buildkite:
		return buildkite(), true
	case Terraform:
		return terraform(), true
	case Custom:
	}
	return preset{}, false
}

// circleCIRoot is the issuer of all organizations' tokens that jobs request
// with --root-issuer.
const circleCIRoot = "https://oidc.circleci.com"

// circleCI follows https://circleci.com/docs/openid-connect-tokens/. The token
// of a fork has the organization and project of the original repository; only
// the ref shows that it is a fork.
func circleCI() preset {
	const prefix = "oidc.circleci.com/"
	pulls := []string{"refs/heads/pull/", "refs/pull/", "pull/"}
	return preset{
		jwks: "/.well-known/jwks-pub.json", maxAge: time.Hour,
		organization: "the organization's UUID, under Organization Settings › Overview",
		claims: []Claim{
			unchanging(prefix+"org-id", Organization),
			{
				Name: "sub-org-id", Kind: idtoken.String, Role: Organization, Unchanging: true, From: "sub",
				Form: "org/{}",
			},
			unchanging(prefix+"project-id", Project),
			unchanging(prefix+"pipeline-definition-id", Project),
			{Name: prefix + "context-ids", Kind: idtoken.List, Role: Context, Unchanging: true},
			{
				Name: "user-id", Kind: idtoken.String, Role: User, Unchanging: true, From: "sub",
				Form: "org/*/project/*/user/{}",
			},
			unchanging("sub", Subject),
			named(prefix+"vcs-origin", Plain, prefix+"project-id"),
			text(prefix+"vcs-ref", Ref),
			{Name: prefix + "ssh-rerun", Kind: idtoken.Boolean, Role: Event},
			text(prefix+"job-id", Job), text(prefix+"workflow-id", Job), text(prefix+"pipeline-id", Job),
		},
		guards: []Guard{
			{Flag: SSHReruns, Claim: prefix + "ssh-rerun", Values: []string{"true"}, Required: true},
			{Flag: Forks, Claim: prefix + "vcs-ref", Prefixes: pulls, Required: true},
			{Flag: PullRequests, Claim: prefix + "vcs-ref", Prefixes: pulls, Required: true},
		},
	}
}

// gitHub follows https://docs.github.com/en/actions/reference/security/oidc.
// Tokens of pull_request_target and workflow_run look like those of the
// repository itself, but the jobs often run code of a fork.
func gitHub() preset {
	onForks := []string{"pull_request_target", "workflow_run", "issue_comment"}
	return preset{
		issuer: "https://token.actions.githubusercontent.com", jwks: "/.well-known/jwks", maxAge: 10 * time.Minute,
		organization: "the number of the owner, from https://api.github.com/users/OWNER",
		claims: []Claim{
			unchanging("repository_owner_id", Organization),
			named("repository_owner", Organization, "repository_owner_id"),
			unchanging("repository_id", Project), named("repository", Project, "repository_id"),
			unchanging("actor_id", User), named("actor", User, "actor_id"),
			text("environment", Context), named("sub", Subject, "repository_id"),
			text("ref", Ref), text("head_ref", Ref), text("base_ref", Ref),
			text("job_workflow_ref", Ref), text("workflow_ref", Ref),
			text("event_name", Event), text("run_id", Job), text("run_attempt", Job), text("run_number", Job),
			unchanging("enterprise_id", Plain), text("enterprise", Plain),
			text("job_workflow_sha", Plain), text("workflow_sha", Plain), text("workflow", Plain), text("sha", Plain),
			text("ref_type", Plain), text("ref_protected", Plain),
			text("runner_environment", Plain), text("repository_visibility", Plain),
		},
		guards: []Guard{
			{Flag: PullRequests, Claim: "event_name", Prefixes: []string{"pull_request"}, Required: true},
			{Flag: PullRequests, Claim: "ref", Prefixes: []string{"refs/pull/"}, Required: true},
			{Flag: Forks, Claim: "event_name", Values: onForks, Required: true},
		},
	}
}

// gitLab follows https://docs.gitlab.com/ci/secrets/id_token_authentication/.
func gitLab() preset {
	mergeRequests := []string{"merge_request_event", "external_pull_request_event"}
	return preset{
		issuer: "https://gitlab.com", jwks: "/oauth/discovery/keys", maxAge: time.Hour,
		organization: "the number of the group or user that the project is in (namespace_id)",
		claims: []Claim{
			unchanging("namespace_id", Organization), named("namespace_path", Organization, "namespace_id"),
			unchanging("project_id", Project), named("project_path", Project, "project_id"),
			unchanging("user_id", User), named("user_login", User, "user_id"), named("user_email", User, "user_id"),
			text("environment", Context), named("sub", Subject, "project_id"),
			text("ref", Ref), text("ref_path", Ref), text("ci_config_ref_uri", Ref), text("pipeline_source", Event),
			text("job_id", Job), text("pipeline_id", Job),
			text("ref_type", Plain), text("ref_protected", Plain), text("deployment_tier", Plain),
			text("environment_protected", Plain), text("environment_action", Plain), text("runner_environment", Plain),
			text("sha", Plain), text("ci_config_sha", Plain), text("project_visibility", Plain),
		},
		guards: []Guard{
			{Flag: PullRequests, Claim: "pipeline_source", Values: mergeRequests, Required: true},
			{Flag: PullRequests, Claim: "ref_path", Prefixes: []string{"refs/merge-requests/"}},
			{Flag: Forks, Claim: "ref_path", Prefixes: []string{"refs/merge-requests/"}},
		},
	}
}

// buildkite follows https://buildkite.com/docs/agent/cli/reference/oidc. The
// IDs are in a token only if the job requests them with --claim. The branches
// of forks are "owner:branch".
func buildkite() preset {
	return preset{
		issuer: "https://agent.buildkite.com", jwks: "/.well-known/jwks", maxAge: 10 * time.Minute,
		organization: "the organization's UUID; jobs request the claim with --claim organization_id",
		claims: []Claim{
			unchanging("organization_id", Organization), named("organization_slug", Organization, "organization_id"),
			unchanging("pipeline_id", Project), named("pipeline_slug", Project, "pipeline_id"),
			unchanging("cluster_id", Context), unchanging("queue_id", Context),
			text("queue_key", Context), text("cluster_name", Context),
			named("sub", Subject, "pipeline_id"),
			text("build_branch", Ref), text("build_tag", Ref), text("build_source", Event),
			text("job_id", Job), text("build_id", Job), text("build_number", Plain), text("build_commit", Plain),
			text("step_key", Plain), text("agent_id", Plain), text("runner_environment", Plain),
		},
		guards: []Guard{
			{Flag: Forks, Claim: "build_branch", Contains: ":", Required: true},
			{Flag: PullRequests, Claim: "build_branch", Contains: ":", Required: true},
		},
	}
}

// terraform follows
// https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/workload-identity-tokens
// A speculative plan of a pull request has the same token as any plan.
func terraform() preset {
	const organization, workspace, project = "terraform_organization_id", "terraform_workspace_id",
		"terraform_project_id"
	return preset{
		issuer: "https://app.terraform.io", jwks: "/.well-known/jwks", maxAge: time.Hour,
		organization: "the organization's ID, org-…",
		claims: []Claim{
			unchanging(organization, Organization), named("terraform_organization_name", Organization, organization),
			unchanging(workspace, Project), named("terraform_workspace_name", Project, workspace),
			unchanging(project, Project), named("terraform_project_name", Project, project),
			named("terraform_full_workspace", Project, workspace), named("sub", Subject, workspace),
			text("terraform_run_phase", Event), text("terraform_run_id", Job),
		},
		guards: []Guard{
			{Flag: PullRequests, Claim: "terraform_run_phase", Values: []string{"plan"}, Required: true},
		},
	}
}

// clone returns copies of the preset's lists.
func (p *preset) clone() ([]Claim, []Guard) { return slices.Clone(p.claims), slices.Clone(p.guards) }
