package vending_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/testkit/vendingtest"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
)

// TestAttackCI sends tokens of jobs that run unmerged code, or that a person
// can enter. A grant accepts them only with the flag for that.
func TestAttackCI(t *testing.T) {
	t.Parallel()
	const circle = "oidc.circleci.com/"
	both := func(d *grant.Draft) { d.AllowForks, d.AllowPullRequests = true, true }
	pulls := func(d *grant.Draft) { d.AllowPullRequests = true }
	reruns := func(d *grant.Draft) { d.AllowSSHReruns = true }
	for name, c := range map[string]struct {
		preset  string
		changes vendingtest.Claims
		reason  string
		flags   func(*grant.Draft) // nil: no flag accepts it
	}{
		"CircleCI, a fork's pull request": {
			"CircleCI v2",
			vendingtest.Claims{circle + "vcs-ref": "refs/heads/pull/12", circle + "vcs-origin": "github.com/evil/app"},
			"doesn't allow forks", both,
		},
		"CircleCI, v1, a fork's pull request": {
			"CircleCI v1",
			vendingtest.Claims{circle + "vcs-ref": "refs/heads/pull/12/head"},
			"doesn't allow forks", both,
		},
		"CircleCI, a pull request's ref": {
			"CircleCI v2",
			vendingtest.Claims{circle + "vcs-ref": "refs/pull/12/merge"},
			"doesn't allow forks", both,
		},
		"CircleCI, no word of the ref": {
			"CircleCI v2",
			vendingtest.Claims{circle + "vcs-ref": nil},
			"has no claim", both,
		},
		"CircleCI, a ref of another kind": {
			"CircleCI v2",
			vendingtest.Claims{circle + "vcs-ref": []string{"refs/heads/main"}},
			"wrong kind", both,
		},
		"CircleCI, a rerun with SSH": {
			"CircleCI v2",
			vendingtest.Claims{circle + "ssh-rerun": true},
			"reruns with SSH", reruns,
		},
		"CircleCI, no word of a rerun": {
			"CircleCI v2",
			vendingtest.Claims{circle + "ssh-rerun": nil},
			"has no claim", reruns,
		},
		"CircleCI, a rerun that is a text": {
			"CircleCI v2",
			vendingtest.Claims{circle + "ssh-rerun": "false"},
			"wrong kind", reruns,
		},
		"CircleCI, another organization's ID": {
			"CircleCI v2",
			vendingtest.Claims{circle + "org-id": vendingtest.CircleProject},
			"another organization", nil,
		},
		"CircleCI, another organization's sub": {
			"CircleCI v2",
			vendingtest.Claims{"sub": "org/" + vendingtest.CircleProject + "/project/" + vendingtest.CircleProject +
				"/user/" + vendingtest.CircleUser},
			"another organization", nil,
		},
		"CircleCI, another project": {
			"CircleCI v2",
			vendingtest.Claims{circle + "project-id": vendingtest.CircleOrg},
			"doesn't match the grant", nil,
		},
		"CircleCI, a project in the sub alone": {
			"CircleCI v2",
			vendingtest.Claims{circle + "project-id": nil},
			"no claim", nil,
		},
		"GitHub, pull_request": {"GitHub Actions", vendingtest.Claims{
			"event_name": "pull_request",
			"ref":        "refs/pull/7/merge",
		}, "pull requests", pulls},
		"GitHub, pull_request_target": {
			"GitHub Actions",
			vendingtest.Claims{"event_name": "pull_request_target"},
			"forks", both,
		},
		"GitHub, pull_request_review": {
			"GitHub Actions",
			vendingtest.Claims{"event_name": "pull_request_review"},
			"pull requests", pulls,
		},
		"GitHub, workflow_run": {
			"GitHub Actions",
			vendingtest.Claims{"event_name": "workflow_run"},
			"forks", both,
		},
		"GitHub, issue_comment": {
			"GitHub Actions",
			vendingtest.Claims{"event_name": "issue_comment"},
			"forks", both,
		},
		"GitHub, a pull request's ref": {
			"GitHub Actions",
			vendingtest.Claims{"ref": "refs/pull/7/merge"},
			"pull requests", pulls,
		},
		"GitHub, no word of the event": {
			"GitHub Actions",
			vendingtest.Claims{"event_name": nil},
			"has no claim", both,
		},
		"GitHub, an event of another kind": {
			"GitHub Actions",
			vendingtest.Claims{"event_name": 1},
			"wrong kind",
			both,
		},
		"GitLab, a merge request": {
			"GitLab",
			vendingtest.Claims{"pipeline_source": "merge_request_event"},
			"pull requests", pulls,
		},
		"GitLab, a merge request's ref": {
			"GitLab",
			vendingtest.Claims{"ref_path": "refs/merge-requests/1/head"},
			"forks", both,
		},
		"GitLab, a mirror's pull request": {
			"GitLab",
			vendingtest.Claims{"pipeline_source": "external_pull_request_event"},
			"pull requests", pulls,
		},
		"GitLab, no word of the source": {
			"GitLab",
			vendingtest.Claims{"pipeline_source": nil},
			"has no claim",
			pulls,
		},
		"Buildkite, a fork's branch": {
			"Buildkite",
			vendingtest.Claims{"build_branch": "evil:main"},
			"forks",
			both,
		},
		"Buildkite, no word of the branch": {
			"Buildkite",
			vendingtest.Claims{"build_branch": nil},
			"has no claim",
			both,
		},
		"Buildkite, no ID in the token": {"Buildkite", vendingtest.Claims{"pipeline_id": nil}, "no claim", nil},
		"HCP Terraform, a plan": {
			"HCP Terraform",
			vendingtest.Claims{"terraform_run_phase": "plan"},
			"pull requests", pulls,
		},
		"HCP Terraform, no word of the phase": {
			"HCP Terraform",
			vendingtest.Claims{"terraform_run_phase": nil},
			"has no claim", pulls,
		},
		"HCP Terraform, another workspace": {
			"HCP Terraform",
			vendingtest.Claims{"terraform_workspace_id": "ws-0000000000000000"},
			"doesn't match the grant", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stageOf(t, c.preset, nil)
			s.works(t)
			before := s.Carrier.Calls()
			s.refuses(t, s.token(t, c.changes), vending.Request{}, c.reason)
			if s.Carrier.Calls() != before {
				t.Error("AWS was asked")
			}
			if c.flags == nil {
				return
			}
			draft := grant.Draft{
				Name: "flagged", Provider: s.provider.ID,
				Conditions: []grant.Condition{presets()[c.preset].condition},
			}
			c.flags(&draft)
			s.vends(t, s.token(t, c.changes), vending.Request{Grant: s.MustGrant(t, draft).ID})
		})
	}
}
