package generate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/iam/lint"
)

const (
	windlass = "arn:aws:iam::444455556666:user/windlass"
	first    = "b7f1c2d40a634c0b9a527b1e7f3a9c11"
	second   = "0c6e2b9d5f7a48d1b3c4e5f60718293a"
)

func TestTrustPolicy(t *testing.T) {
	t.Parallel()
	for name, ids := range map[string][]string{"one": {first}, "two": {first, second}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			policy, err := generate.TrustPolicy(generate.Trust{PrincipalARN: windlass, ExternalIDs: ids})
			if err != nil {
				t.Fatal(err)
			}
			lintClean(t, iam.Trust, string(policy), lint.Options{Account: "111122223333"})
			trust := compile(t, iam.Trust, string(policy))[0]
			for _, c := range []struct {
				who  string
				id   string // "-": none is sent
				want bool
			}{
				{windlass, first, true},
				{windlass, second, len(ids) == 2},
				{windlass, "-", false},
				{windlass, "", false},
				{windlass, first + "x", false},
				{windlass, "*", false},
				{windlass, strings.ToUpper(first), false},
				{"arn:aws:iam::444455556666:user/other", first, false},
				{"arn:aws:iam::777788889999:user/windlass", first, false},
			} {
				if got := assumes(t, trust, c.who, c.id); got != c.want {
					t.Errorf("%s with %q: %v", c.who, c.id, got)
				}
			}
		})
	}
}

func assumes(t *testing.T, trust *iam.Compiled, arn, id string) bool {
	t.Helper()
	account := strings.Split(arn, ":")[4]
	request := iam.Request{
		Principal: iam.Principal{Type: iam.User, ARN: arn, Account: account, UserName: arn[strings.LastIndex(arn, "/")+1:]},
		Action:    "sts:AssumeRole", Resource: "arn:aws:iam::111122223333:role/windlass", ResourceAccount: "111122223333",
	}
	if id != "-" {
		request.Context.Set("sts:ExternalId", id)
	}
	mayAssume := compile(t, iam.Identity, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`)
	return iam.Evaluate(&iam.Policies{Identity: mayAssume, Trust: trust}, &request).Allowed()
}

func TestTrustsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trust generate.Trust
		field string
	}{
		"no External ID":     {generate.Trust{PrincipalARN: windlass}, "external_ids"},
		"three of them":      {generate.Trust{PrincipalARN: windlass, ExternalIDs: []string{"aa", "bb", "cc"}}, "external_ids"},
		"an empty one":       {generate.Trust{PrincipalARN: windlass, ExternalIDs: []string{""}}, "external_ids[0]"},
		"a wildcard":         {generate.Trust{PrincipalARN: windlass, ExternalIDs: []string{first, "abc*"}}, "external_ids[1]"},
		"a variable":         {generate.Trust{PrincipalARN: windlass, ExternalIDs: []string{"${aws:username}"}}, "external_ids[0]"},
		"a long one":         {generate.Trust{PrincipalARN: windlass, ExternalIDs: []string{strings.Repeat("a", 1225)}}, "external_ids[0]"},
		"everyone":           {generate.Trust{PrincipalARN: "*", ExternalIDs: []string{first}}, "principal_arn"},
		"an account's ID":    {generate.Trust{PrincipalARN: "444455556666", ExternalIDs: []string{first}}, "principal_arn"},
		"a role's session":   {generate.Trust{PrincipalARN: "arn:aws:sts::444455556666:assumed-role/r/s", ExternalIDs: []string{first}}, "principal_arn"},
		"a wildcard in path": {generate.Trust{PrincipalARN: "arn:aws:iam::444455556666:role/*/r", ExternalIDs: []string{first}}, "principal_arn"},
		"another partition":  {generate.Trust{Partition: generate.GovCloud, PrincipalARN: windlass, ExternalIDs: []string{first}}, "principal_arn"},
	} {
		var input *generate.InputError
		if _, err := generate.TrustPolicy(c.trust); !errors.As(err, &input) || input.Field != c.field {
			t.Errorf("%s: got %v; want an error of %s", name, err, c.field)
		}
	}
}

// Each provider's trust lets the token in that its product makes, and none of
// those that an outsider, or another project, could have.
func TestOIDCTrustPolicies(t *testing.T) {
	t.Parallel()
	const (
		org     = "1a2b3c4d-0000-4000-8000-000000000001"
		project = "1a2b3c4d-0000-4000-8000-000000000002"
		user    = "1a2b3c4d-0000-4000-8000-000000000003"
		commit  = "0123456789abcdef0123456789abcdef01234567"
	)
	base := "org/" + org + "/project/" + project + "/user/" + user
	gitHub := generate.GitHub{Owner: "acme", Repository: "app", Ref: "refs/heads/main"}
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
			generate.CircleCI{OrganizationID: org, ProjectID: project},
			"oidc.circleci.com/org/" + org, org, nil,
			[]string{base},
			[]string{base + "/vcs-origin/github.com/evil/app/vcs-ref/refs/heads/main", "org/" + org + "/project/other/user/" + user, base + "x", "org/" + org + "/project/" + project + "/user/"},
		},
		"circleci branch": {
			generate.CircleCI{OrganizationID: org, ProjectID: project, Origin: "github.com/acme/app", Ref: "refs/heads/main"},
			"oidc.circleci.com/org/" + org, org, nil,
			[]string{base + "/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main"},
			[]string{base, base + "/vcs-origin/github.com/evil/app/vcs-ref/refs/heads/x/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main", base + "/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main2"},
		},
		"circleci user": {
			generate.CircleCI{OrganizationID: org, ProjectID: project, UserIDs: []string{user}},
			"oidc.circleci.com/org/" + org, org, nil,
			[]string{base},
			[]string{"org/" + org + "/project/" + project + "/user/" + org},
		},
		"github": {
			gitHub, "token.actions.githubusercontent.com", "sts.amazonaws.com", nil,
			[]string{"repo:acme/app:ref:refs/heads/main"},
			[]string{"repo:acme/app:ref:refs/heads/dev", "repo:acme/app:pull_request", "repo:acme/app2:ref:refs/heads/main", "repo:acme2/app:ref:refs/heads/main", "repo:acme/app:environment:prod"},
		},
		"github immutable": {
			immutable, "token.actions.githubusercontent.com", "sts.amazonaws.com",
			map[string]string{"repository_id": "42"},
			[]string{"repo:acme@7/app@42:ref:refs/heads/main"},
			[]string{"repo:acme@8/app@42:ref:refs/heads/main", "repo:acme/app:ref:refs/heads/main"},
		},
		"github environment": {
			generate.GitHub{Owner: "acme", Repository: "app", Environment: "prod"},
			"token.actions.githubusercontent.com", "sts.amazonaws.com", nil,
			[]string{"repo:acme/app:environment:prod"},
			[]string{"repo:acme/app:environment:production", "repo:acme/app:ref:refs/heads/main"},
		},
		"gitlab": {
			generate.GitLab{Project: "acme/team/app", RefType: "branch", Ref: "main", Audience: "https://gitlab.com"},
			"gitlab.com", "https://gitlab.com", nil,
			[]string{"project_path:acme/team/app:ref_type:branch:ref:main"},
			[]string{"project_path:acme/team/app:ref_type:tag:ref:main", "project_path:acme/app:ref_type:branch:ref:main"},
		},
		"buildkite": {
			generate.Buildkite{Organization: "acme", Pipeline: "app", Ref: "refs/heads/main"},
			"agent.buildkite.com", "sts.amazonaws.com", nil,
			[]string{"organization:acme:pipeline:app:ref:refs/heads/main:commit:" + commit + ":step:load"},
			[]string{"organization:acme:pipeline:app:ref:refs/heads/main2:commit:" + commit + ":step:load", "organization:evil:pipeline:app:ref:refs/heads/main:commit:" + commit + ":step:load"},
		},
		"terraform": {
			generate.TerraformCloud{Organization: "acme", Project: "Data Platform", Workspace: "prod", Phases: []string{"apply"}},
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
			lintClean(t, iam.Trust, string(policy), lint.Options{})
			compiled := compile(t, iam.Trust, string(policy))[0]
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
		Principal: iam.Principal{Type: iam.WebIdentity, Provider: provider},
		Action:    "sts:AssumeRoleWithWebIdentity", Resource: "arn:aws:iam::111122223333:role/ci", ResourceAccount: "111122223333",
	}
	for claim, value := range claims {
		request.Context.Set(issuer+":"+claim, value)
	}
	return iam.Evaluate(&iam.Policies{Trust: trust}, &request).Allowed()
}

func TestOIDCTrustsThatAreRefused(t *testing.T) {
	t.Parallel()
	good := generate.OIDCTrust{Account: "111122223333", Issuer: "https://idp.example.com/realm", Audience: "x", Subjects: []string{"org/a/project/b"}}
	if _, err := generate.OIDCTrustPolicy(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*generate.OIDCTrust){
		"account":              func(o *generate.OIDCTrust) { o.Account = "1" },
		"http":                 func(o *generate.OIDCTrust) { o.Issuer = "http://idp.example.com" },
		"a query":              func(o *generate.OIDCTrust) { o.Issuer += "?x" },
		"no audience":          func(o *generate.OIDCTrust) { o.Audience = "" },
		"any audience":         func(o *generate.OIDCTrust) { o.Audience = "*" },
		"no subject":           func(o *generate.OIDCTrust) { o.Subjects = nil },
		"any subject":          func(o *generate.OIDCTrust) { o.Subjects = []string{"*"} },
		"any repository":       func(o *generate.OIDCTrust) { o.Subjects = []string{"repo:*"} },
		"a part of an owner":   func(o *generate.OIDCTrust) { o.Subjects = []string{"repo:acme*"} },
		"every project of one": func(o *generate.OIDCTrust) { o.Subjects = []string{"org/*/project/b"} },
		"a variable":           func(o *generate.OIDCTrust) { o.Subjects = []string{"org/a/${aws:username}"} },
		"any claim":            func(o *generate.OIDCTrust) { o.Claims = map[string][]string{"repository_id": {"*"}} },
		"a claim's name":       func(o *generate.OIDCTrust) { o.Claims = map[string][]string{"a b": {"x"}} },
	} {
		bad := good
		change(&bad)
		var input *generate.InputError
		if _, err := generate.OIDCTrustPolicy(bad); !errors.As(err, &input) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for name, provider := range map[string]interface {
		Trust(account string) (generate.OIDCTrust, error)
	}{
		"circleci any project":  generate.CircleCI{OrganizationID: "1a2b3c4d-0000-4000-8000-000000000001", ProjectID: "*"},
		"circleci half":         generate.CircleCI{OrganizationID: "1a2b3c4d-0000-4000-8000-000000000001", ProjectID: "1a2b3c4d-0000-4000-8000-000000000002", Ref: "refs/heads/main"},
		"github any branch":     generate.GitHub{Owner: "acme", Repository: "app", Ref: "refs/heads/*"},
		"github whole":          generate.GitHub{Owner: "acme", Repository: "app"},
		"github both":           generate.GitHub{Owner: "acme", Repository: "app", Ref: "refs/heads/main", Environment: "prod"},
		"github any repository": generate.GitHub{Owner: "acme", Repository: "*", Ref: "refs/heads/main"},
		"github one number":     generate.GitHub{Owner: "acme", Repository: "app", Ref: "refs/heads/main", RepositoryID: "42"},
		"gitlab group":          generate.GitLab{Project: "acme", RefType: "branch", Ref: "main", Audience: "x"},
		"buildkite":             generate.Buildkite{Organization: "acme", Pipeline: "a:b", Ref: "refs/heads/main"},
		"terraform":             generate.TerraformCloud{Organization: "acme", Project: "*", Workspace: "prod"},
		"terraform phase":       generate.TerraformCloud{Organization: "acme", Project: "p", Workspace: "prod", Phases: []string{"destroy"}},
	} {
		if trust, err := provider.Trust("111122223333"); err == nil {
			t.Errorf("%s: %+v", name, trust)
		}
	}
}

// A trust for vending lets sessions bear Windlass's own names for people and
// jobs, and no other names; the External ID guards it as before.
func TestTrustPolicyForVending(t *testing.T) {
	t.Parallel()
	policy, err := generate.TrustPolicy(generate.Trust{PrincipalARN: windlass, ExternalIDs: []string{first}, Vending: true})
	if err != nil {
		t.Fatal(err)
	}
	lintClean(t, iam.Trust, string(policy), lint.Options{Account: "111122223333"})
	trust := compile(t, iam.Trust, string(policy))[0]
	if assumes(t, trust, windlass, "-") || assumes(t, trust, windlass, second) || !assumes(t, trust, windlass, first) {
		t.Error("the External ID does not guard it")
	}
	plain, err := generate.TrustPolicy(generate.Trust{PrincipalARN: windlass, ExternalIDs: []string{first}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		action, key string
		values      []string
		want        bool
	}{
		{"sts:SetSourceIdentity", "sts:SourceIdentity", []string{"windlass-circleci-42"}, true},
		{"sts:SetSourceIdentity", "sts:SourceIdentity", []string{"alice"}, false},
		{"sts:SetSourceIdentity", "sts:SourceIdentity", []string{"Windlass-42"}, false},
		{"sts:TagSession", "aws:TagKeys", []string{"windlass:grant", "windlass:user"}, true},
		{"sts:TagSession", "aws:TagKeys", []string{"windlass:grant", "team"}, false},
	} {
		request := iam.Request{
			Principal: iam.Principal{Type: iam.User, ARN: windlass, Account: "444455556666", UserName: "windlass"},
			Action:    c.action, Resource: "arn:aws:iam::111122223333:role/windlass", ResourceAccount: "111122223333",
		}
		request.Context.Set("sts:ExternalId", first)
		request.Context.Set(c.key, c.values...)
		may := compile(t, iam.Identity, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*"}]}`)
		if got := iam.Evaluate(&iam.Policies{Identity: may, Trust: trust}, &request).Allowed(); got != c.want {
			t.Errorf("%s %v: %v", c.action, c.values, got)
		}
		if iam.Evaluate(&iam.Policies{Identity: may, Trust: compile(t, iam.Trust, string(plain))[0]}, &request).Allowed() {
			t.Errorf("%s %v without vending", c.action, c.values)
		}
	}
}
