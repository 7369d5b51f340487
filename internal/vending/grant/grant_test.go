package grant_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// ci is a provider with an organization, users, refs and a guard.
func ci() provider.Provider {
	claim := func(name string, role provider.Role, unchanging bool) provider.Claim {
		return provider.Claim{Name: name, Kind: idtoken.String, Role: role, Unchanging: unchanging}
	}
	return provider.Provider{
		ID: "prv_1", Workspace: "ws_1", Organization: "65",
		Claims: []provider.Claim{
			claim("org", provider.Organization, true), claim("repo", provider.Project, true),
			claim("user", provider.User, true), claim("ref", provider.Ref, false),
			{Name: "groups", Kind: idtoken.List},
		},
		Guards: []provider.Guard{{Flag: provider.PullRequests, Claim: "ref", Prefixes: []string{"refs/pull/"}}},
	}
}

func token(changes map[string]string) *idtoken.Token {
	claims := map[string]idtoken.Value{"groups": {Kind: idtoken.List, List: []string{"a", "b"}}}
	for name, value := range map[string]string{"org": "65", "repo": "74", "user": "1", "ref": "refs/heads/main"} {
		claims[name] = idtoken.Value{Kind: idtoken.String, Text: value}
	}
	for name, value := range changes {
		claims[name] = idtoken.Value{Kind: idtoken.String, Text: value}
		if value == "" {
			delete(claims, name)
		}
	}
	return &idtoken.Token{Claims: claims}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	base := func(change func(*grant.Grant)) grant.Grant {
		g := grant.Grant{
			ID: "grt_1", Workspace: "ws_1", Provider: "prv_1", Prefixes: []string{"ci/"},
			Conditions: []grant.Condition{{Claim: "repo", Operator: grant.Equals, Values: []string{"74"}}},
		}
		if change != nil {
			change(&g)
		}
		return g
	}
	on := func(c grant.Condition) grant.Grant {
		return base(func(g *grant.Grant) { g.Conditions = []grant.Condition{c} })
	}
	for name, c := range map[string]struct {
		grant   grant.Grant
		changes map[string]string
		reason  string // empty when accepted
	}{
		"accepted": {base(nil), nil, ""},
		"revoked":  {base(func(g *grant.Grant) { g.RevokedAt = noon }), nil, "The grant is revoked."},
		"not valid yet": {
			base(func(g *grant.Grant) { g.NotBefore = noon.Add(1) }), nil,
			"The grant isn't valid yet.",
		},
		"expired": {base(func(g *grant.Grant) { g.NotAfter = noon }), nil, "The grant has expired."},
		"another provider": {
			base(func(g *grant.Grant) { g.Provider = "prv_2" }), nil,
			"The grant is for another provider's tokens.",
		},
		"another workspace": {
			base(func(g *grant.Grant) { g.Workspace = "ws_2" }), nil,
			"The grant is for another provider's tokens.",
		},
		"another organization": {
			base(nil),
			map[string]string{"org": "66"},
			"The token belongs to another organization.",
		},
		"no organization": {base(nil), map[string]string{"org": ""}, "The token has no organization."},
		"another repository": {
			base(nil),
			map[string]string{"repo": "75"},
			`The claim "repo" doesn't match the grant.`,
		},
		"no repository": {
			base(nil),
			map[string]string{"repo": ""},
			`The token has no claim "repo" of kind string.`,
		},
		"an unknown claim": {on(grant.Condition{Claim: "x"}), nil, `The provider declares no claim "x".`},
		"an item of a list": {on(grant.Condition{
			Claim: "groups", Operator: grant.OneOf,
			Values: []string{"b", "c"},
		}), nil, ""},
		"a glob": {on(grant.Condition{
			Claim: "ref", Operator: grant.Glob,
			Values: []string{"refs/heads/m*"},
		}), nil, ""},
		"a glob over segments": {
			on(grant.Condition{Claim: "ref", Operator: grant.Glob, Values: []string{"refs/*"}}),
			nil, `The claim "ref" doesn't match the grant.`,
		},
		"a literal bracket": {on(grant.Condition{
			Claim: "ref", Operator: grant.Glob,
			Values: []string{"refs/heads/[m]ain"},
		}), nil, `The claim "ref" doesn't match the grant.`},
		"a pull request": {
			base(nil),
			map[string]string{"ref": "refs/pull/1"},
			"The claim ref is refs/pull/1. The grant doesn't allow pull requests.",
		},
		"an allowed one": {
			base(func(g *grant.Grant) { g.AllowPullRequests = true }),
			map[string]string{"ref": "refs/pull/1"},
			"",
		},
		"the user": {base(func(g *grant.Grant) { g.Users = []string{"1"} }), nil, ""},
		"another user": {
			base(func(g *grant.Grant) { g.Users = []string{"1"} }),
			map[string]string{"user": "2"},
			"The grant is for other users.",
		},
		"no user": {
			base(func(g *grant.Grant) { g.Prefixes = []string{"ci/${user}/"} }),
			map[string]string{"user": ""},
			"The grant is for certain users, and the token has no user.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := ci()
			got := c.grant.Match(&p, token(c.changes), noon)
			if got.Reason != c.reason || got.Accepted != (c.reason == "") {
				t.Errorf("got %t, %q, want %q", got.Accepted, got.Reason, c.reason)
			}
		})
	}
}

func TestMatchMember(t *testing.T) {
	t.Parallel()
	members := func(users ...string) grant.Grant { return grant.Grant{Provider: provider.Members, Users: users} }
	for name, c := range map[string]struct {
		grant    grant.Grant
		member   string
		accepted bool
	}{
		"listed":                 {members("mem_1"), "mem_1", true},
		"everyone":               {members(grant.Everyone), "mem_1", true},
		"not listed":             {members("mem_2"), "mem_1", false},
		"no users":               {members(), "mem_1", false},
		"no member":              {members(grant.Everyone), "", false},
		"a grant for a provider": {grant.Grant{Provider: "prv_1", Users: []string{"mem_1"}}, "mem_1", false},
	} {
		if got := c.grant.MatchMember(c.member, noon); got.Accepted != c.accepted {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestLocations(t *testing.T) {
	t.Parallel()
	g := grant.Grant{Bucket: "acme-data", Prefixes: []string{"ci/${user}/", "shared/"}}
	got, err := g.Locations("ada")
	want := []object.Location{{Bucket: "acme-data", Prefix: "ci/ada/"}, {Bucket: "acme-data", Prefix: "shared/"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, user := range []string{"", ".", "..", "a/b", "*", "${user}", strings.Repeat("x", 129)} {
		if got, err := g.Locations(user); err == nil {
			t.Errorf("%q: got %v, want an error", user, got)
		}
	}
}

func TestNarrow(t *testing.T) {
	t.Parallel()
	granted := []object.Location{{Bucket: "acme-data", Prefix: "ci/app/"}, {Bucket: "acme-data", Prefix: "shared/"}}
	for prefix, want := range map[string]string{
		"ci/app/": "ci/app/", "ci/app/x": "ci/app/x/", "shared/": "shared/",
		"ci/": "", "ci/app-old/": "", "": "", "../": "",
	} {
		got, err := grant.Narrow(granted, prefix)
		if want == "" {
			if err == nil {
				t.Errorf("%q: got %v, want an error", prefix, got)
			}
			continue
		}
		if diff := cmp.Diff([]object.Location{{Bucket: "acme-data", Prefix: want}}, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", prefix, err, diff)
		}
	}
	if _, err := grant.Narrow(nil, "ci/"); err == nil {
		t.Error("a grant without locations opens one")
	}
}
