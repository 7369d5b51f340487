package provider_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/vending/idtoken"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

func text(s string) idtoken.Value { return idtoken.Value{Kind: idtoken.String, Text: s} }

func TestClaimValue(t *testing.T) {
	t.Parallel()
	part := provider.Claim{Name: "user-id", Kind: idtoken.String, From: "sub", Form: "org/*/project/*/user/{}"}
	for name, c := range map[string]struct {
		claim  provider.Claim
		claims map[string]idtoken.Value
		want   string
		found  bool
	}{
		"a string": {
			provider.Claim{Name: "ref", Kind: idtoken.String},
			map[string]idtoken.Value{"ref": text("main")},
			"main", true,
		},
		"missing": {provider.Claim{Name: "ref", Kind: idtoken.String}, nil, "", false},
		"another kind": {
			provider.Claim{Name: "ref", Kind: idtoken.Boolean},
			map[string]idtoken.Value{"ref": text("true")},
			"", false,
		},
		"a part":        {part, map[string]idtoken.Value{"sub": text("org/a/project/b/user/c")}, "c", true},
		"more segments": {part, map[string]idtoken.Value{"sub": text("org/a/project/b/user/c/vcs-ref/x")}, "c", true},
		"too few":       {part, map[string]idtoken.Value{"sub": text("org/a/project/b/user")}, "", false},
		"another form":  {part, map[string]idtoken.Value{"sub": text("org/a/project/b/bot/c")}, "", false},
		"an empty part": {part, map[string]idtoken.Value{"sub": text("org/a/project/b/user/")}, "", false},
		"a part of lists": {
			part,
			map[string]idtoken.Value{"sub": {Kind: idtoken.List, List: []string{"org"}}},
			"",
			false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, found := c.claim.Value(&idtoken.Token{Claims: c.claims})
			if got.Text != c.want || found != c.found {
				t.Errorf("got %q, %t, want %q, %t", got.Text, found, c.want, c.found)
			}
		})
	}
}

func TestDetect(t *testing.T) {
	t.Parallel()
	p := provider.Provider{Claims: []provider.Claim{
		{Name: "ref", Kind: idtoken.String},
		{Name: "ssh", Kind: idtoken.Boolean},
	}}
	forks := provider.Guard{
		Flag: provider.Forks, Claim: "ref", Prefixes: []string{"pull/"}, Contains: ":",
		Required: true,
	}
	reruns := provider.Guard{Flag: provider.SSHReruns, Claim: "ssh", Values: []string{"true"}}
	for name, c := range map[string]struct {
		guard  provider.Guard
		claims map[string]idtoken.Value
		reason string
	}{
		"a branch": {forks, map[string]idtoken.Value{"ref": text("main")}, ""},
		"a prefix": {forks, map[string]idtoken.Value{"ref": text("pull/1")}, "The claim ref is pull/1."},
		"a part": {
			forks,
			map[string]idtoken.Value{"ref": text("ada:main")},
			"The claim ref is ada:main.",
		},
		"required and missing": {forks, nil, "The token has no claim ref."},
		"another kind": {
			forks,
			map[string]idtoken.Value{"ref": {Kind: idtoken.Number, Text: "1"}},
			"The claim ref has the wrong kind.",
		},
		"a value": {
			reruns,
			map[string]idtoken.Value{"ssh": {Kind: idtoken.Boolean, Flag: true}},
			"The claim ssh is true.",
		},
		"another value":        {reruns, map[string]idtoken.Value{"ssh": {Kind: idtoken.Boolean}}, ""},
		"optional and missing": {reruns, nil, ""},
		"a claim that isn't declared": {
			provider.Guard{Claim: "other", Values: []string{"x"}},
			map[string]idtoken.Value{"other": text("y")},
			"The claim other has the wrong kind.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reason, detected := c.guard.Detect(&p, &idtoken.Token{Claims: c.claims})
			if reason != c.reason || detected != (c.reason != "") {
				t.Errorf("got %q, %t, want %q", reason, detected, c.reason)
			}
		})
	}
}

func TestOfPrefersUnchangingClaims(t *testing.T) {
	t.Parallel()
	p := provider.Provider{Claims: []provider.Claim{
		{Name: "repository", Role: provider.Project},
		{Name: "repository_id", Role: provider.Project, Unchanging: true},
		{Name: "actor", Role: provider.User},
	}}
	for role, want := range map[provider.Role]string{
		provider.Project: "repository_id", provider.User: "actor", provider.Organization: "",
	} {
		if got, ok := p.Of(role); got.Name != want || ok != (want != "") {
			t.Errorf("%s: got %q, %t, want %q", role, got.Name, ok, want)
		}
	}
}

func TestAudience(t *testing.T) {
	t.Parallel()
	one, several := provider.Provider{Audience: "us"}, provider.Provider{Audience: "us", MultipleAudiences: true}
	for name, c := range map[string]struct {
		p            provider.Provider
		audience     []string
		takes, alone bool
	}{
		"ours":                         {one, []string{"us"}, true, true},
		"another":                      {one, []string{"them"}, false, true},
		"ours and another":             {one, []string{"them", "us"}, true, false},
		"ours and another, if allowed": {several, []string{"them", "us"}, true, true},
		"none":                         {one, nil, false, false},
	} {
		if c.p.Takes(c.audience) != c.takes || c.p.TakesAlone(c.audience) != c.alone {
			t.Errorf("%s: Takes %t, TakesAlone %t", name, c.p.Takes(c.audience), c.p.TakesAlone(c.audience))
		}
	}
}
