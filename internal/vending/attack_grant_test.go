package vending_test

import (
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/testkit/vendingtest"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// TestAttackMatching sends tokens that almost match a grant.
func TestAttackMatching(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "GitHub Actions", func(d *grant.Draft) {
		d.Conditions = append(d.Conditions,
			grant.Condition{
				Claim: "ref", Operator: grant.Glob,
				Values: []string{"refs/heads/release/*", "refs/heads/main"},
			},
			grant.Condition{Claim: "environment", Operator: grant.OneOf, Values: []string{"production", "Staging.1"}})
		d.Users = []string{"1234567", "7654321"}
	})
	claims := s.claims
	s.claims = func(now time.Time) vendingtest.Claims {
		return claims(now).With(vendingtest.Claims{"environment": "production"})
	}
	s.works(t)
	for _, good := range []vendingtest.Claims{
		{"ref": "refs/heads/release/1.0"},
		{"environment": "Staging.1"},
		{"actor_id": "7654321"},
	} {
		s.vends(t, s.token(t, good), vending.Request{})
	}
	s.quiet(t)
	const value, kind = "doesn't match the grant", "no claim"
	for name, c := range map[string]struct {
		changes vendingtest.Claims
		reason  string
	}{
		"another repository":            {vendingtest.Claims{"repository_id": "75"}, value},
		"a longer number":               {vendingtest.Claims{"repository_id": "740"}, value},
		"a shorter number":              {vendingtest.Claims{"repository_id": "7"}, value},
		"a space behind":                {vendingtest.Claims{"repository_id": "74 "}, value},
		"a line feed behind":            {vendingtest.Claims{"repository_id": "74\n"}, value},
		"a star":                        {vendingtest.Claims{"repository_id": "*"}, value},
		"digits of another script":      {vendingtest.Claims{"repository_id": "\uff17\uff14"}, value},
		"a number, not a text":          {vendingtest.Claims{"repository_id": 74}, kind},
		"a list with it":                {vendingtest.Claims{"repository_id": []string{"74"}}, kind},
		"an object with it":             {vendingtest.Claims{"repository_id": map[string]string{"74": "74"}}, kind},
		"no repository":                 {vendingtest.Claims{"repository_id": nil}, kind},
		"null":                          {vendingtest.Claims{"repository_id": any(nil), "x": 1}, kind},
		"an empty repository":           {vendingtest.Claims{"repository_id": ""}, value},
		"the same name elsewhere":       {vendingtest.Claims{"repository_id": "99", "repository": "acme/app"}, value},
		"another owner":                 {vendingtest.Claims{"repository_owner_id": "66"}, "another organization"},
		"no owner":                      {vendingtest.Claims{"repository_owner_id": nil}, "has no organization"},
		"an owner that is a number":     {vendingtest.Claims{"repository_owner_id": 65}, "another organization"},
		"another branch":                {vendingtest.Claims{"ref": "refs/heads/dev"}, value},
		"a branch below a release":      {vendingtest.Claims{"ref": "refs/heads/release/1.0/evil"}, value},
		"a release of no name":          {vendingtest.Claims{"ref": "refs/heads/release/"}, value},
		"a tag of the name":             {vendingtest.Claims{"ref": "refs/tags/release/1.0"}, value},
		"a branch that begins so":       {vendingtest.Claims{"ref": "refs/heads/main-evil"}, value},
		"a branch that ends so":         {vendingtest.Claims{"ref": "refs/heads/evil/refs/heads/main"}, value},
		"a branch in capitals":          {vendingtest.Claims{"ref": "refs/heads/MAIN"}, value},
		"another environment":           {vendingtest.Claims{"environment": "dev"}, value},
		"a dot that is any character":   {vendingtest.Claims{"environment": "Staging-1"}, value},
		"an environment in capitals":    {vendingtest.Claims{"environment": "Production"}, value},
		"two environments in one":       {vendingtest.Claims{"environment": "dev|production"}, value},
		"no environment":                {vendingtest.Claims{"environment": nil}, kind},
		"another user":                  {vendingtest.Claims{"actor_id": "1234568"}, "other users"},
		"the user's name, not their ID": {vendingtest.Claims{"actor_id": nil, "actor": "1234567"}, "has no user"},
		"a user that is a number":       {vendingtest.Claims{"actor_id": 1234567}, "has no user"},
		"a user of two":                 {vendingtest.Claims{"actor_id": "1234567,7654321"}, "other users"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.refuses(t, s.token(t, c.changes), vending.Request{}, c.reason)
		})
	}
}

// TestAttackChoice tries to choose among grants with a token.
func TestAttackChoice(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "GitHub Actions", nil)
	project := presets()["GitHub Actions"].condition
	second := s.MustGrant(t, grant.Draft{
		Name: "second", Provider: s.provider.ID,
		Conditions: []grant.Condition{project}, Prefixes: []string{"ci/other/"},
	})
	over := s.MustGrant(t, grant.Draft{
		Name: "over", Provider: s.provider.ID, Conditions: []grant.Condition{project},
		NotAfter: s.Now().Add(time.Hour),
	})
	later := s.MustGrant(t, grant.Draft{
		Name: "later", Provider: s.provider.ID, Conditions: []grant.Condition{project},
		NotBefore: s.Now().Add(24 * time.Hour),
	})
	strict := s.MustGrant(t, grant.Draft{
		Name: "strict", Provider: s.provider.ID,
		Conditions: []grant.Condition{{Claim: "repository_id", Operator: grant.Equals, Values: []string{"75"}}},
	})
	lab := s.MustProvider(t, provider.Draft{Kind: provider.GitLab})
	foreign := s.MustGrant(t, grant.Draft{
		Name: "lab", Provider: lab.ID,
		Conditions: []grant.Condition{{Claim: "project_id", Operator: grant.Equals, Values: []string{"20"}}},
	})
	people := s.MustGrant(t, grant.Draft{Name: "people", Provider: provider.Members, Users: []string{grant.Everyone}})
	s.Advance(2 * time.Hour)
	if got := s.vends(t, s.token(t, nil), vending.Request{Grant: "app"}); got.Grant.ID != s.grant.ID {
		t.Fatalf("vended from %s", got.Grant.Name)
	}
	if got := s.vends(t, s.token(t, nil), vending.Request{Grant: second.ID}); got.Prefixes[0] != "ci/other/" {
		t.Fatalf("vended %v", got.Prefixes)
	}
	s.quiet(t)
	for name, c := range map[string]struct {
		ask    vending.Request
		reason string
	}{
		"two that let it in":         {vending.Request{}, "2 grants apply"},
		"one that is over":           {vending.Request{Grant: over.ID}, "has expired"},
		"one that has not begun":     {vending.Request{Grant: later.Name}, "isn't valid yet"},
		"one for another repository": {vending.Request{Grant: strict.Name}, "doesn't match the grant"},
		"one for another service":    {vending.Request{Grant: foreign.ID}, "no grant with the name"},
		"one for people":             {vending.Request{Grant: people.ID}, "no grant with the name"},
		"one that is not there":      {vending.Request{Grant: "none"}, "no grant with the name"},
		"one in capitals":            {vending.Request{Grant: "APP"}, "no grant with the name"},
		"SQL":                        {vending.Request{Grant: "' OR 1=1 --"}, "no grant with the name"},
		"an ID that is not there": {
			vending.Request{Grant: s.grant.ID[:len(s.grant.ID)-1] + "!"},
			"no grant with the name",
		},
		"another workspace's provider": {
			vending.Request{Workspace: "other", Grant: s.grant.ID},
			"No provider has the issuer",
		},
		"a workspace that is not there": {vending.Request{Workspace: "none"}, "workspace in the request doesn't exist"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.refuses(t, s.token(t, nil), c.ask, c.reason)
		})
	}
}

// TestAttackGrantThatLetsInStrangers tries to create grants that accept strangers.
func TestAttackGrantThatLetsInStrangers(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "GitLab", nil)
	hub := s.MustProvider(t, provider.Draft{Kind: provider.GitHub})
	circle := s.MustProvider(t, provider.Draft{Kind: provider.CircleCI, Organization: vendingtest.CircleOrg})
	kite := s.MustProvider(t, provider.Draft{Kind: provider.Buildkite})
	id := grant.Condition{Claim: "repository_id", Operator: grant.Equals, Values: []string{"74"}}
	is := func(claim string, operator grant.Operator, values ...string) []grant.Condition {
		return []grant.Condition{{Claim: claim, Operator: operator, Values: values}}
	}
	base := grant.Draft{
		Name: "new", Provider: hub.ID, Conditions: []grant.Condition{id}, Integration: s.Integration.ID,
		Bucket: vendingtest.Bucket, Prefixes: []string{"ci/app/"},
	}
	for name, c := range map[string]struct {
		change func(*grant.Draft)
		reason string
	}{
		"no condition": {func(d *grant.Draft) { d.Conditions = nil }, "Without a condition on a project"},
		"a branch alone": {
			func(d *grant.Draft) { d.Conditions = is("ref", grant.Equals, "refs/heads/main") },
			"Without a condition on a project",
		},
		"an event alone": {
			func(d *grant.Draft) { d.Conditions = is("event_name", grant.Equals, "push") },
			"Without a condition on a project",
		},
		"a branch alone, of one organization": {func(d *grant.Draft) {
			d.Provider, d.Conditions = circle.ID, is("oidc.circleci.com/vcs-ref", grant.Equals, "refs/heads/main")
		}, "Without a condition on a project"},
		"a repository by its name": {func(d *grant.Draft) {
			d.Conditions = is("repository", grant.Equals,
				"acme/app")
		}, "with the ID of"},
		"a subject of names": {func(d *grant.Draft) {
			d.Conditions = is("sub", grant.Equals,
				"repo:acme/app:ref:refs/heads/main")
		}, "with the ID of"},
		"a user alone": {
			func(d *grant.Draft) { d.Conditions = is("actor_id", grant.Equals, "1") },
			"with the ID of",
		},
		"users alone": {
			func(d *grant.Draft) { d.Conditions, d.Users = nil, []string{"1"} },
			"with the ID of",
		},
		"an environment alone": {func(d *grant.Draft) {
			d.Conditions = is("environment", grant.Equals,
				"production")
		}, "with the ID of"},
		"a pipeline by its name": {func(d *grant.Draft) {
			d.Provider, d.Conditions = kite.ID,
				is("pipeline_slug", grant.Equals, "app")
		}, "with the ID of"},
		"a claim that is not declared": {func(d *grant.Draft) {
			d.Conditions = append(d.Conditions,
				is("repositoryid", grant.Equals, "74")...)
		}, "has no claim"},
		"a claim that every token has": {func(d *grant.Draft) {
			d.Conditions = append(d.Conditions,
				is("iss", grant.Equals, "x")...)
		}, "has no claim"},
		"a glob on a repository": {
			func(d *grant.Draft) { d.Conditions = is("repository_id", grant.Glob, "7*") },
			"Use glob only for branches",
		},
		"a glob on a subject": {func(d *grant.Draft) {
			d.Conditions = append(d.Conditions,
				is("sub", grant.Glob, "repo:acme/*")...)
		}, "Use glob only for branches"},
		"a star on a subject": {func(d *grant.Draft) {
			d.Conditions = append(d.Conditions,
				is("sub", grant.Equals, "repo:acme/*")...)
		}, "star"},
		"a glob that is every branch": {func(d *grant.Draft) {
			d.Conditions = append(d.Conditions,
				is("ref", grant.Glob, "*/*/*")...)
		}, "matches every ref"},
		"a glob across segments": {func(d *grant.Draft) {
			d.Conditions = append(d.Conditions,
				is("ref", grant.Glob, "refs/**")...)
		}, "**"},
		"an operator that is not known": {
			func(d *grant.Draft) { d.Conditions = is("repository_id", "matches", "74") },
			"operator",
		},
		"no value": {
			func(d *grant.Draft) { d.Conditions = is("repository_id", grant.OneOf) },
			"has 0 values",
		},
		"two values of equals": {func(d *grant.Draft) {
			d.Conditions = is("repository_id", grant.Equals, "74",
				"75")
		}, "has 2 values"},
		"an empty value": {
			func(d *grant.Draft) { d.Conditions = is("repository_id", grant.Equals, "") },
			"printable text",
		},
		"a prefix outside": {
			func(d *grant.Draft) { d.Prefixes = []string{"private/"} },
			"outside the integration's",
		},
		"a prefix that begins alike": {
			func(d *grant.Draft) { d.Prefixes = []string{"ci-old/"} },
			"outside the integration's",
		},
		"the whole bucket": {
			func(d *grant.Draft) { d.Prefixes = []string{""} },
			"outside the integration's",
		},
		"another bucket": {func(d *grant.Draft) { d.Bucket = "another" }, "outside the integration's"},
		"a way out":      {func(d *grant.Draft) { d.Prefixes = []string{"ci/../private/"} }, "segment"},
		"a wildcard":     {func(d *grant.Draft) { d.Prefixes = []string{"ci/*/"} }, "wildcard"},
		"a variable of AWS's": {
			func(d *grant.Draft) { d.Prefixes = []string{"ci/${aws:username}/"} },
			"wildcard or variable",
		},
		"a variable in a segment": {
			func(d *grant.Draft) { d.Prefixes = []string{"ci/x-${user}/"} },
			"wildcard or variable",
		},
		"the user at the top": {
			func(d *grant.Draft) { d.Prefixes = []string{"${user}/"} },
			"outside the integration's",
		},
		"a user where tokens tell none": {func(d *grant.Draft) {
			d.Provider, d.Conditions, d.Prefixes = kite.ID,
				is("pipeline_id", grant.Equals, "018499b0-aaaa-4bbb-8ccc-ddddeeeeffff"), []string{"ci/${user}/"}
		}, "no permanent user ID"},
		"an action that is not known": {
			func(d *grant.Draft) { d.Actions = []grant.Action{"admin"} },
			"isn't list, read",
		},
		"every action by a star": {
			func(d *grant.Draft) { d.Actions = []grant.Action{"*"} },
			"isn't list, read",
		},
		"a day":             {func(d *grant.Draft) { d.MaxDuration = 24 * time.Hour }, "The lifetime is"},
		"endless exchanges": {func(d *grant.Draft) { d.Exchanges = 1 << 30 }, "number of exchanges"},
		"members without names": {
			func(d *grant.Draft) { d.Provider, d.Conditions = provider.Members, nil },
			"needs users",
		},
		"another workspace's integration": {
			func(d *grant.Draft) { d.Integration = "int_0000000000000000000000000a" },
			"There is no integration",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			draft := base
			draft.Name = "g " + strings.ReplaceAll(strings.ReplaceAll(name, ",", ""), "'", "")
			if made, _, err := s.Grants.Create(t.Context(), s.Actor, vendingtest.Workspace, draft); err != nil {
				t.Fatalf("the baseline: %v %v", err, made)
			}
			c.change(&draft)
			draft.Name = "x" + draft.Name[1:]
			_, _, err := s.Grants.Create(t.Context(), s.Actor, vendingtest.Workspace, draft)
			if err == nil {
				t.Fatal("the grant is made")
			}
			said := problem.From(err).Message
			for _, f := range problem.From(err).Findings {
				said += "\n" + f.Message
			}
			if !strings.Contains(said, c.reason) {
				t.Errorf("refused for\n%s\nnot for %q", said, c.reason)
			}
		})
	}
}
