package ci_test

import (
	"testing"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/iam/lint"
	"github.com/windlass-io/windlass/internal/setup/ci"
)

// Each provider's trust accepts the tokens of its product, and no token that
// an outsider or another project could have.
func TestOIDCTrustPolicies(t *testing.T) {
	t.Parallel()
	const commit = "0123456789abcdef0123456789abcdef01234567"
	base := "org/" + org + "/project/" + project + "/user/" + user
	gitHub := ci.GitHub{Owner: "acme", Repository: "app", Ref: "refs/heads/main"}
	immutable := gitHub
	immutable.OwnerID, immutable.RepositoryID = "7", "42"
	for name, c := range map[string]struct {
		provider interface {
			Trust(account string) (generate.OIDCTrust, error)
		}
		issuer, audience string
		claims           map[string]string
		in, out          []string // subjects
	}{
		"circleci": {
			ci.CircleCI{OrganizationID: org, ProjectID: project},
			"oidc.circleci.com/org/" + org, org, nil,
			[]string{base},
			[]string{
				base + "/vcs-origin/github.com/evil/app/vcs-ref/refs/heads/main",
				"org/" + org + "/project/other/user/" + user, base + "x",
				"org/" + org + "/project/" + project + "/user/",
			},
		},
		"circleci branch": {
			ci.CircleCI{OrganizationID: org, ProjectID: project, Origin: "github.com/acme/app", Ref: "refs/heads/main"},
			"oidc.circleci.com/org/" + org, org, nil,
			[]string{base + "/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main"},
			[]string{base, base + "/vcs-origin/github.com/evil/app/vcs-ref/refs/heads/x/vcs-origin/github.com/acme" +
				"/app/vcs-ref/refs/heads/main", base + "/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main2"},
		},
		"circleci user": {
			ci.CircleCI{OrganizationID: org, ProjectID: project, UserIDs: []string{user}},
			"oidc.circleci.com/org/" + org, org, nil,
			[]string{base},
			[]string{"org/" + org + "/project/" + project + "/user/" + org},
		},
		"github": {
			gitHub, "token.actions.githubusercontent.com", "sts.amazonaws.com", nil,
			[]string{"repo:acme/app:ref:refs/heads/main"},
			[]string{
				"repo:acme/app:ref:refs/heads/dev", "repo:acme/app:pull_request",
				"repo:acme/app2:ref:refs/heads/main", "repo:acme2/app:ref:refs/heads/main",
				"repo:acme/app:environment:prod",
			},
		},
		"github immutable": {
			immutable, "token.actions.githubusercontent.com", "sts.amazonaws.com",
			map[string]string{"repository_id": "42"},
			[]string{"repo:acme@7/app@42:ref:refs/heads/main"},
			[]string{"repo:acme@8/app@42:ref:refs/heads/main", "repo:acme/app:ref:refs/heads/main"},
		},
		"github environment": {
			ci.GitHub{Owner: "acme", Repository: "app", Environment: "prod"},
			"token.actions.githubusercontent.com", "sts.amazonaws.com", nil,
			[]string{"repo:acme/app:environment:prod"},
			[]string{"repo:acme/app:environment:production", "repo:acme/app:ref:refs/heads/main"},
		},
		"gitlab": {
			ci.GitLab{Project: "acme/team/app", RefType: "branch", Ref: "main", Audience: "https://gitlab.com"},
			"gitlab.com", "https://gitlab.com", nil,
			[]string{"project_path:acme/team/app:ref_type:branch:ref:main"},
			[]string{
				"project_path:acme/team/app:ref_type:tag:ref:main",
				"project_path:acme/app:ref_type:branch:ref:main",
			},
		},
		"buildkite": {
			ci.Buildkite{Organization: "acme", Pipeline: "app", Ref: "refs/heads/main"},
			"agent.buildkite.com", "sts.amazonaws.com", nil,
			[]string{"organization:acme:pipeline:app:ref:refs/heads/main:commit:" + commit + ":step:load"},
			[]string{
				"organization:acme:pipeline:app:ref:refs/heads/main2:commit:" + commit + ":step:load",
				"organization:evil:pipeline:app:ref:refs/heads/main:commit:" + commit + ":step:load",
			},
		},
		"terraform": {
			ci.TerraformCloud{
				Organization: "acme", Project: "Data Platform", Workspace: "prod",
				Phases: []string{"apply"},
			},
			"app.terraform.io", "aws.workload.identity", nil,
			[]string{"organization:acme:project:Data Platform:workspace:prod:run_phase:apply"},
			[]string{"organization:acme:project:Data Platform:workspace:prod:run_phase:plan"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trust, err := c.provider.Trust("111122223333")
			if err != nil {
				t.Fatal(err)
			}
			policy, err := generate.OIDCTrustPolicy(trust)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range lint.Lint(iam.Trust, policy, lint.Options{}) {
				if f.Code == "oidc-mutable-name" && c.claims["repository_id"] == "" {
					continue // the ID is unknown
				}
				t.Errorf("%s %s: %s\n%s", f.Severity, f.Code, f.Message, policy)
			}
			compiled := mustCompile(t, policy)
			token := map[string]string{"aud": c.audience}
			for claim, value := range c.claims {
				token[claim] = value
			}
			for _, subject := range c.in {
				token["sub"] = subject
				if !exchanges(compiled, c.issuer, token) {
					t.Errorf("%s is kept out\n%s", subject, policy)
				}
				other := map[string]string{"sub": subject, "aud": "another"}
				if exchanges(compiled, c.issuer, other) {
					t.Errorf("%s gets in with another audience\n%s", subject, policy)
				}
				if exchanges(compiled, c.issuer, map[string]string{"sub": subject}) {
					t.Errorf("%s gets in without an audience\n%s", subject, policy)
				}
			}
			for _, subject := range c.out {
				token["sub"] = subject
				if exchanges(compiled, c.issuer, token) {
					t.Errorf("%s gets in\n%s", subject, policy)
				}
			}
		})
	}
}

func exchanges(trust *iam.Compiled, issuer string, claims map[string]string) bool {
	provider := "arn:aws:iam::111122223333:oidc-provider/" + issuer
	request := iam.Request{
		Principal:       iam.Principal{Type: iam.WebIdentity, Provider: provider},
		Action:          "sts:AssumeRoleWithWebIdentity",
		Resource:        "arn:aws:iam::111122223333:role/ci",
		ResourceAccount: "111122223333",
	}
	for claim, value := range claims {
		request.Context.Set(issuer+":"+claim, value)
	}
	return iam.Evaluate(&iam.Policies{Trust: trust}, &request).Allowed()
}

func TestJobsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, provider := range map[string]interface {
		Trust(account string) (generate.OIDCTrust, error)
	}{
		"circleci any project": ci.CircleCI{OrganizationID: "1a2b3c4d-0000-4000-8000-000000000001", ProjectID: "*"},
		"circleci half": ci.CircleCI{
			OrganizationID: "1a2b3c4d-0000-4000-8000-000000000001",
			ProjectID:      "1a2b3c4d-0000-4000-8000-000000000002", Ref: "refs/heads/main",
		},
		"github any branch": ci.GitHub{Owner: "acme", Repository: "app", Ref: "refs/heads/*"},
		"github whole":      ci.GitHub{Owner: "acme", Repository: "app"},
		"github both": ci.GitHub{
			Owner: "acme", Repository: "app", Ref: "refs/heads/main",
			Environment: "prod",
		},
		"github any repository": ci.GitHub{Owner: "acme", Repository: "*", Ref: "refs/heads/main"},
		"github one number": ci.GitHub{
			Owner: "acme", Repository: "app", Ref: "refs/heads/main",
			RepositoryID: "42",
		},
		"gitlab group": ci.GitLab{Project: "acme", RefType: "branch", Ref: "main", Audience: "x"},
		"buildkite":    ci.Buildkite{Organization: "acme", Pipeline: "a:b", Ref: "refs/heads/main"},
		"terraform":    ci.TerraformCloud{Organization: "acme", Project: "*", Workspace: "prod"},
		"terraform phase": ci.TerraformCloud{
			Organization: "acme", Project: "p", Workspace: "prod",
			Phases: []string{"destroy"},
		},
	} {
		if trust, err := provider.Trust("111122223333"); err == nil {
			t.Errorf("%s: %+v", name, trust)
		}
	}
}

func mustCompile(t *testing.T, document []byte) *iam.Compiled {
	t.Helper()
	policy, err := iam.Parse(iam.Trust, document)
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	compiled, err := iam.Compile(policy)
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	return compiled
}
