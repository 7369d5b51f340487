package vending_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
	"github.com/windlass-io/windlass/internal/testkit/vendingtest"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// TestAttackReplay exchanges a token more often than its grant allows.
func TestAttackReplay(t *testing.T) {
	t.Parallel()
	const reason = "has already been exchanged"
	t.Run("twice", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "GitHub Actions", nil)
		token := s.token(t, nil)
		s.vends(t, token, vending.Request{})
		s.refuses(t, token, vending.Request{}, reason)
	})
	t.Run("twice, without an ID", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", nil)
		token := s.token(t, nil)
		s.vends(t, token, vending.Request{})
		s.refuses(t, token, vending.Request{}, reason)
		s.works(t) // another token is another token
	})
	t.Run("another token of the same ID", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "GitHub Actions", nil)
		id := vendingtest.Claims{"jti": "one"}
		s.vends(t, s.token(t, id), vending.Request{})
		s.refuses(t, s.token(t, id), vending.Request{}, reason)
		s.refuses(t, s.token(t, id.With(vendingtest.Claims{"run_id": "2"})), vending.Request{}, reason)
	})
	t.Run("another signature of the same words", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", nil)
		token := s.forged(t, s.header(t, nil), s.payload(t, nil, ""))
		s.vends(t, token, vending.Request{})
		input := token[:strings.LastIndexByte(token, '.')]
		key, _ := s.Issuer.Key(t)
		s.refuses(t, input+"."+b64(signRS256(t, key, input)), vending.Request{}, reason)
	})
	t.Run("for another grant", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", nil)
		other := s.MustGrant(t, grant.Draft{
			Name: "other", Provider: s.provider.ID,
			Conditions: []grant.Condition{presets()["CircleCI v1"].condition},
		})
		token := s.token(t, nil)
		s.vends(t, token, vending.Request{Grant: s.grant.ID})
		s.refuses(t, token, vending.Request{Grant: other.ID}, reason)
	})
	t.Run("for a narrower prefix", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", nil)
		token := s.token(t, nil)
		s.vends(t, token, vending.Request{Prefix: "ci/app/a/"})
		s.refuses(t, token, vending.Request{Prefix: "ci/app/b/"}, reason)
	})
	t.Run("by a second provider of the issuer", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", nil)
		draft := presets()["CircleCI v1"].provider
		draft.Name, draft.Audience, draft.MultipleAudiences = "second", "second", true
		yes := true
		if _, err := s.Providers.Update(t.Context(), s.Actor, vendingtest.Workspace, s.provider.ID,
			provider.Change{MultipleAudiences: &yes}); err != nil {
			t.Fatal(err)
		}
		second := s.MustProvider(t, draft)
		other := s.MustGrant(t, grant.Draft{
			Name: "other", Provider: second.ID,
			Conditions: []grant.Condition{presets()["CircleCI v1"].condition},
		})
		token := s.token(t, vendingtest.Claims{"aud": []string{vendingtest.CircleOrg, "second"}})
		s.vends(t, token, vending.Request{Grant: s.grant.ID})
		s.refuses(t, token, vending.Request{Grant: other.ID}, reason)
	})
	t.Run("once more than is allowed", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", func(d *grant.Draft) { d.Exchanges = 3 })
		token := s.token(t, nil)
		for range 3 {
			s.vends(t, token, vending.Request{})
		}
		s.refuses(t, token, vending.Request{}, reason)
	})
	t.Run("many at once", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", nil)
		token := s.token(t, nil)
		var vended atomic.Int64
		var wait sync.WaitGroup
		for range 24 {
			wait.Go(func() {
				if _, _, err := s.exchange(t, token, vending.Request{}); err == nil {
					vended.Add(1)
				}
			})
		}
		wait.Wait()
		if n := vended.Load(); n != 1 {
			t.Errorf("vended %d times", n)
		}
	})
	t.Run("at another node", func(t *testing.T) {
		t.Parallel()
		var config vending.Config
		s := stageOf(t, "CircleCI v1", nil, func(c *vending.Config) { config = *c })
		token := s.token(t, nil)
		s.vends(t, token, vending.Request{})
		s.Vending = vending.New(config) // nothing in memory
		s.refuses(t, token, vending.Request{}, reason)
	})
	t.Run("after AWS said no", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", nil)
		token := s.token(t, nil)
		documents, _ := s.Integration.Documents()
		s.AWS.MustTrust(t, s.AWS.Customer, doctortest.RoleName, strings.ReplaceAll(string(documents.Trust), s.Principal,
			"arn:aws:iam::"+s.AWS.Customer.ID+":root"))
		if _, _, err := s.exchange(t, token, vending.Request{}); err == nil {
			t.Fatal("vended")
		}
		s.AWS.MustTrust(t, s.AWS.Customer, doctortest.RoleName, string(documents.Trust))
		s.refuses(t, token, vending.Request{}, reason)
	})
	t.Run("just before its end, and after", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", nil)
		token := s.token(t, nil)
		s.Advance(59 * time.Minute)
		s.vends(t, token, vending.Request{})
		s.Advance(time.Minute)
		s.refuses(t, token, vending.Request{}, reason)
		s.Advance(time.Minute)
		s.refuses(t, token, vending.Request{}, "expired at")
	})
	t.Run("an explanation spends nothing, and tells", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", nil)
		token := s.token(t, nil)
		for range 2 {
			explained, err := s.Vending.Explain(t.Context(), s.Actor, vendingtest.Workspace, secretOf(token),
				vending.Request{})
			if err != nil || !explained.Accepted || explained.Session == nil ||
				explained.Grants[0].Grant.ID != s.grant.ID {
				t.Fatalf("explained: %+v %v", explained, err)
			}
		}
		s.vends(t, token, vending.Request{})
		explained, err := s.Vending.Explain(t.Context(), s.Actor, vendingtest.Workspace, secretOf(token),
			vending.Request{})
		if err != nil || explained.Accepted || explained.Session != nil || !strings.Contains(explained.Reason,
			"already been exchanged once") {
			t.Errorf("explained: %+v %v", explained, err)
		}
	})
}

// TestAttackTenancy tries to access the resources of another workspace.
func TestAttackTenancy(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "GitHub Actions", nil)
	s.works(t)
	// The attacker's workspace trusts the same issuer and audience, with keys of
	// the attacker's own.
	evil := vendingtest.StartIssuer(t)
	evil.Rotate(t)
	theirs, err := s.Providers.Create(t.Context(), s.OtherActor, vendingtest.Other,
		provider.Draft{Kind: provider.GitHub, JWKSURL: evil.JWKSURL})
	if err != nil {
		t.Fatal(err)
	}
	demo := vending.Request{Workspace: "demo"}
	s.vends(t, s.token(t, nil), demo)
	s.quiet(t)
	key, _ := s.Issuer.Key(t)
	theirKey, theirID := evil.Key(t)
	_, ourID := s.Issuer.Key(t)
	signed := func(id string, mine bool) string {
		input := b64([]byte(s.header(t, map[string]any{"kid": id}))) + "." + b64([]byte(s.payload(t, nil, "")))
		if mine {
			return input + "." + b64(signRS256(t, theirKey, input))
		}
		return input + "." + b64(signRS256(t, key, input))
	}
	for name, c := range map[string]struct {
		token  string
		ask    vending.Request
		reason string
	}{
		"a token of both, and no word of which": {s.token(t, nil), vending.Request{}, "several workspaces"},
		"their key, our workspace":              {signed(theirID, true), demo, "no key with the token's key ID"},
		"their key under our ID":                {signed(ourID, true), demo, "doesn't match the issuer's key"},
		"their key under our ID, either":        {signed(ourID, true), vending.Request{}, "several workspaces"},
		"their key, their workspace, our grant": {
			signed(theirID, true),
			vending.Request{Workspace: "other", Grant: s.grant.ID},
			"no grant with the name",
		},
		"their key, their workspace": {
			signed(theirID, true),
			vending.Request{Workspace: vendingtest.Other},
			"There are no grants",
		},
		"our token in their workspace": {
			signed(ourID, false),
			vending.Request{Workspace: "other"},
			"no key with the token's key ID",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.refuses(t, c.token, c.ask, c.reason)
		})
	}
	for name, attack := range map[string]func() error{
		"read our provider": func() error {
			_, err := s.Providers.Get(t.Context(), s.OtherActor, vendingtest.Workspace, s.provider.ID)
			return err
		},
		"our provider as theirs": func() error {
			_, err := s.Providers.Get(t.Context(), s.OtherActor, vendingtest.Other, s.provider.ID)
			return err
		},
		"read our grant": func() error {
			_, err := s.Grants.Get(t.Context(), s.OtherActor, vendingtest.Other, s.grant.ID)
			return err
		},
		"revoke our grant": func() error {
			_, err := s.Grants.Revoke(t.Context(), s.OtherActor, vendingtest.Workspace, s.grant.ID, impact.Waived())
			return err
		},
		"revoke ours as theirs": func() error {
			_, _, err := s.Vending.Revoke(t.Context(), s.OtherActor, vendingtest.Other,
				vending.Target{Grant: s.grant.ID}, impact.Waived())
			return err
		},
		"explain in our workspace": func() error {
			_, err := s.Vending.Explain(t.Context(), s.OtherActor, vendingtest.Workspace, secretOf("x"),
				vending.Request{})
			return err
		},
		"grant on our integration": func() error {
			_, _, err := s.Grants.Create(t.Context(), s.OtherActor, vendingtest.Other,
				grant.Draft{Name: "x", Provider: theirs.ID, Integration: s.Integration.ID})
			return err
		},
		"grant for our provider": func() error {
			_, _, err := s.Grants.Create(t.Context(), s.OtherActor, vendingtest.Other,
				grant.Draft{Name: "x", Provider: s.provider.ID, Integration: s.Integration.ID})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := attack(); !problem.Is(err, problem.NotFound) && !problem.Is(err, problem.Invalid) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestAttackCache checks that no credentials are returned twice, neither to
// another job nor after a change.
func TestAttackCache(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "CircleCI v1", nil)
	seen := map[string]bool{}
	for range 3 {
		vended := s.works(t)
		if seen[vended.Keys.AccessKeyID] || seen[vended.Keys.SessionToken.Reveal()] {
			t.Error("the same credentials are given again")
		}
		seen[vended.Keys.AccessKeyID], seen[vended.Keys.SessionToken.Reveal()] = true, true
	}
	draft := grant.Draft{
		Name: "app", Conditions: s.grant.Conditions, Integration: s.Integration.ID,
		Bucket: vendingtest.Bucket, Prefixes: []string{"ci/other/"},
	}
	if _, _, err := s.Grants.Replace(t.Context(), s.Actor, vendingtest.Workspace, s.grant.ID, draft); err != nil {
		t.Fatal(err)
	}
	if got := s.works(t); got.Prefixes[0] != "ci/other/" {
		t.Errorf("after a change %v is vended", got.Prefixes)
	}
}

// TestAttackMember tries to get credentials as a member.
func TestAttackMember(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "CircleCI v1", nil)
	mine := s.MustGrant(t, grant.Draft{
		Name: "desks", Provider: provider.Members, Users: []string{grant.Everyone},
		Prefixes: []string{"ci/people/${user}/"},
	})
	s.MustGrant(t, grant.Draft{
		Name: "hers", Provider: provider.Members, Users: []string{"mem_2"},
		Prefixes: []string{"ci/other/"},
	})
	member := func(id, workspace string) access.Actor {
		return access.Actor{
			Kind: access.Member, ID: id, Name: "ada@example.com", Workspace: workspace,
			Role: access.Editor, Member: id,
		}
	}
	got, err := s.Vending.VendFor(t.Context(), member("mem_1", vendingtest.Workspace), vendingtest.Workspace,
		vending.Request{})
	if err != nil || got.Prefixes[0] != "ci/people/mem_1/" || got.SourceIdentity != "windlass-m-mem_1" ||
		got.Grant.ID != mine.ID {
		t.Fatalf("the baseline: %+v %v", got, err)
	}
	s.quiet(t)
	for name, c := range map[string]struct {
		actor access.Actor
		ask   vending.Request
		code  problem.Code
	}{
		"a token of the API": {s.Actor, vending.Request{}, problem.Forbidden},
		"nobody": {
			access.Actor{Kind: access.Anonymous},
			vending.Request{},
			problem.Forbidden,
		},
		"a member of another workspace": {member("mem_9", vendingtest.Other), vending.Request{}, problem.NotFound},
		"another's grant": {
			member("mem_1", vendingtest.Workspace),
			vending.Request{Grant: "hers"},
			problem.Forbidden,
		},
		"a grant for jobs": {
			member("mem_1", vendingtest.Workspace),
			vending.Request{Grant: s.grant.ID},
			problem.Forbidden,
		},
		"another's prefix": {
			member("mem_1", vendingtest.Workspace),
			vending.Request{Prefix: "ci/people/mem_2/"},
			problem.Forbidden,
		},
		"two grants, and no word of which": {
			member("mem_2", vendingtest.Workspace),
			vending.Request{},
			problem.Forbidden,
		},
		"an ID that is more than a segment": {
			member("mem_1/../mem_2", vendingtest.Workspace),
			vending.Request{},
			problem.Forbidden,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := s.Vending.VendFor(t.Context(), c.actor, vendingtest.Workspace, c.ask); !problem.Is(err,
				c.code) {
				t.Errorf("got %v", err)
			}
		})
	}
}
