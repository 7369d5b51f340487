package vendingtest

import (
	"crypto/rand"
	"fmt"
	"time"
)

// IDs in the tokens.
const (
	CircleOrg     = "8f4d2b1e-0c6a-4f7e-9b35-1a2b3c4d5e6f"
	CircleProject = "2c9e7d10-5b8a-4e3f-a1d2-6f7e8d9c0b1a"
	CircleUser    = "b7a6c5d4-e3f2-41a0-9b8c-7d6e5f4a3b2c"
	CircleContext = "11112222-3333-4444-5555-666677778888"
	CircleIssuer  = "https://oidc.circleci.com/org/" + CircleOrg
)

// CircleCI returns the claims of CIRCLE_OIDC_TOKEN, or with v2 those of
// CIRCLE_OIDC_TOKEN_V2.
func CircleCI(now time.Time, v2 bool) Claims {
	const p = "oidc.circleci.com/"
	sub := "org/" + CircleOrg + "/project/" + CircleProject + "/user/" + CircleUser
	if v2 {
		sub += "/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main"
	}
	return Claims{
		"iss": CircleIssuer, "aud": CircleOrg, "sub": sub, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		p + "org-id": CircleOrg, p + "project-id": CircleProject, p + "context-ids": []string{CircleContext},
		p + "pipeline-definition-id": "5d0e7b3a-1c2f-4a6b-8e9d-0f1a2b3c4d5e",
		p + "pipeline-id":            "9c8b7a6f-5e4d-4c3b-a291-8f7e6d5c4b3a",
		p + "workflow-id":            "1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f9", p + "job-id": jobID(),
		p + "ssh-rerun": false, p + "vcs-origin": "github.com/acme/app", p + "vcs-ref": "refs/heads/main",
	}
}

// jobID returns a new UUID, so that no two tokens are equal.
func jobID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// GitHub returns the claims of a token of GitHub Actions.
func GitHub(now time.Time) Claims {
	return Claims{
		"iss": "https://token.actions.githubusercontent.com", "aud": Audience,
		"sub": "repo:acme/app:ref:refs/heads/main", "jti": newTokenID(),
		"iat": now.Unix(), "nbf": now.Add(-5 * time.Minute).Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"actor": "ada", "actor_id": "1234567", "base_ref": "", "event_name": "push", "head_ref": "",
		"job_workflow_ref": "acme/app/.github/workflows/ci.yml@refs/heads/main",
		"job_workflow_sha": "0123456789abcdef0123456789abcdef01234567", "ref": "refs/heads/main",
		"ref_protected": "true", "ref_type": "branch",
		"repository": "acme/app", "repository_id": "74", "repository_owner": "acme", "repository_owner_id": "65",
		"repository_visibility": "private",
		"run_attempt":           "1", "run_id": "123456789", "run_number": "10", "runner_environment": "github-hosted",
		"sha":      "0123456789abcdef0123456789abcdef01234567",
		"workflow": "ci", "workflow_ref": "acme/app/.github/workflows/ci.yml@refs/heads/main",
		"workflow_sha": "0123456789abcdef0123456789abcdef01234567",
	}
}

// GitLab returns the claims of an id_token of a GitLab job.
func GitLab(now time.Time) Claims {
	return Claims{
		"iss": "https://gitlab.com", "aud": Audience, "sub": "project_path:acme/app:ref_type:branch:ref:main",
		"jti": newTokenID(),
		"iat": now.Unix(), "nbf": now.Add(-5 * time.Second).Unix(), "exp": now.Add(time.Hour).Unix(),
		"namespace_id": "72", "namespace_path": "acme", "project_id": "20", "project_path": "acme/app",
		"project_visibility": "private",
		"user_id":            "1", "user_login": "ada", "user_email": "ada@example.com",
		"user_access_level": "developer",
		"user_identities":   []map[string]string{{"provider": "github", "extern_uid": "2435223452345"}},
		"pipeline_id":       "574", "pipeline_source": "push", "job_id": "302", "ref": "main", "ref_type": "branch",
		"ref_path": "refs/heads/main", "ref_protected": "true",
		"groups_direct": []string{"acme"}, "environment": "test", "environment_protected": "false",
		"deployment_tier": "testing", "environment_action": "start",
		"runner_id": 1, "runner_environment": "gitlab-hosted", "sha": "714a629c0b401fdce83e847fc9589983fc6f46bc",
		"ci_config_ref_uri": "gitlab.com/acme/app//.gitlab-ci.yml@refs/heads/main",
		"ci_config_sha":     "714a629c0b401fdce83e847fc9589983fc6f46bc",
	}
}

// Buildkite returns the claims of a token from `buildkite-agent oidc
// request-token --claim organization_id,pipeline_id`.
func Buildkite(now time.Time) Claims {
	return Claims{
		"iss": "https://agent.buildkite.com", "aud": Audience,
		"sub": "organization:acme:pipeline:app:ref:refs/heads/main:commit:9f3182061f1e2cca4702c368cbc039b7dc9d4485:step:build",
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"organization_slug": "acme", "pipeline_slug": "app", "build_number": 1, "build_branch": "main",
		"build_commit": "9f3182061f1e2cca4702c368cbc039b7dc9d4485",
		"step_key":     "build", "job_id": "0184990a-477b-4fa8-9968-496074483cee",
		"agent_id": "0184990a-4782-42b5-afc1-16715b10b8ff", "build_source": "webhook",
		"runner_environment": "self-hosted",
		"organization_id":    "018499a0-1111-4222-8333-444455556666",
		"pipeline_id":        "018499b0-aaaa-4bbb-8ccc-ddddeeeeffff",
	}
}

// Terraform returns the claims of TFC_WORKLOAD_IDENTITY_TOKEN in a run of HCP
// Terraform.
func Terraform(now time.Time) Claims {
	return Claims{
		"iss": "https://app.terraform.io", "aud": Audience,
		"sub": "organization:acme:project:core:workspace:app:run_phase:apply", "jti": newTokenID(),
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(2 * time.Hour).Unix(),
		"terraform_organization_id": "org-GRNbCjYNpBB6NEBH", "terraform_organization_name": "acme",
		"terraform_project_id": "prj-vegSA59s1XPwMr2t", "terraform_project_name": "core",
		"terraform_workspace_id": "ws-mbsd5E3Ktt5Rg2Xm", "terraform_workspace_name": "app",
		"terraform_full_workspace": "organization:acme:project:core:workspace:app",
		"terraform_run_id":         "run-X3n1AUXNGWbfECsJ", "terraform_run_phase": "apply",
	}
}
