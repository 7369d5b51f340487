package reach_test

import (
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/reach"
	"github.com/windlass-io/windlass/internal/seal"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/testkit/vendingtest"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/provider"
	"github.com/windlass-io/windlass/internal/workspace"
)

// town is a workspace with a vending integration on ci/ and daily/, two
// members, and grants.
type town struct {
	*vendingtest.World
	*reach.Service
	people   *workspace.Service
	ann, bob workspace.Member
}

func found(t *testing.T) *town {
	t.Helper()
	w := vendingtest.Start(t)
	people := workspace.New(workspace.Config{Store: w.Store, Checker: w.Checker, Now: w.Now})
	sealer, err := seal.New(secret.New(strings.Repeat("ab", 32)))
	if err != nil {
		t.Fatal(err)
	}
	keys := credential.New(credential.Config{Checker: w.Checker, Store: w.Store, Sealer: sealer, Now: w.Now})
	s := &town{World: w, people: people, Service: reach.New(reach.Config{
		Integrations: w.World.Integrations, Grants: w.Grants, Credentials: keys, Members: w.Store, Checker: w.Checker,
		Revocations: w.Store, Now: w.Now,
	})}
	s.ann, s.bob = s.join(t, "ann@example.com"), s.join(t, "bob@example.com")
	if _, err := w.Providers.Create(t.Context(), w.Actor, vendingtest.Workspace,
		provider.Draft{
			Kind: provider.CircleCI, Organization: vendingtest.CircleOrg,
			JWKSURL: w.Issuer.JWKSURL,
		}); err != nil {
		t.Fatal(err)
	}
	project := []grant.Condition{{
		Claim: "oidc.circleci.com/project-id", Operator: grant.Equals,
		Values: []string{vendingtest.CircleProject},
	}}
	s.grant(t, grant.Draft{
		Name: "app", Provider: "circleci", Conditions: project, Prefixes: []string{"ci/app/"},
		Actions: []grant.Action{grant.Read},
	})
	s.grant(t, grant.Draft{
		Name: "hers", Provider: "circleci", Conditions: project,
		Prefixes: []string{"ci/users/${user}/"}, Users: []string{vendingtest.CircleUser},
		Actions: []grant.Action{grant.Write},
	})
	s.grant(t, grant.Draft{
		Name: "ann", Provider: provider.Members, Prefixes: []string{"ci/app/"},
		Users: []string{s.ann.ID}, Actions: []grant.Action{grant.List, grant.Read},
	})
	s.grant(t, grant.Draft{
		Name: "everyone", Provider: provider.Members, Prefixes: []string{"ci/people/${user}/"},
		Users: []string{grant.Everyone}, Actions: []grant.Action{grant.Read, grant.Write},
	})
	if _, err := keys.Add(t.Context(), w.Actor, vendingtest.Workspace,
		credential.Draft{
			Name: "old", AccessKeyID: "AKIAIOSFODNN7EXAMPLE",
			SecretAccessKey: secret.New(strings.Repeat("s", 40)),
		}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *town) join(t *testing.T, email string) workspace.Member {
	t.Helper()
	m, err := s.people.AddMember(t.Context(), access.Actor{Kind: access.System, ID: access.Setup},
		vendingtest.Workspace, workspace.NewMember{Email: email, Role: access.Editor})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (s *town) grant(t *testing.T, d grant.Draft) {
	t.Helper()
	d.Integration, d.Bucket = s.Integration.ID, vendingtest.Bucket
	if _, _, err := s.Grants.Create(t.Context(), s.Actor, vendingtest.Workspace, d); err != nil {
		t.Fatal(err, problem.From(err).Findings)
	}
}

// lines formats ways as lines: "grant app jobs s3://… read", in order.
func lines(ways []reach.Way) []string {
	out := []string{}
	for _, w := range ways {
		words := []string{
			string(w.Kind), w.Name, string(w.Who), w.Subject,
			strings.TrimPrefix(w.Location.String(), "s3://"+vendingtest.Bucket+"/"),
		}
		for _, action := range grant.Actions() {
			if w.Actions[action] != reach.No {
				words = append(words, string(action))
			}
		}
		if w.Closed != "" {
			words = append(words, "closed")
		}
		if !w.Whole {
			words = append(words, "part")
		}
		out = append(out, strings.Join(strings.Fields(strings.Join(words, " ")), " "))
	}
	sort.Strings(out)
	return out
}

func TestWhoReachesAPlace(t *testing.T) {
	t.Parallel()
	s := found(t)
	const key = "credential old windlass "
	all := " list read write delete"
	for prefix, want := range map[string][]string{
		"ci/app/": {
			"grant ann member ann@example.com ci/app/ list read",
			"grant app jobs ci/app/ read", "integration acme windlass ci/app/" + all, key + "ci/app/" + all,
		},
		"ci/app/deep/": {
			"grant ann member ann@example.com ci/app/deep/ list read",
			"grant app jobs ci/app/deep/ read", "integration acme windlass ci/app/deep/" + all, key + "ci/app/deep/" +
				all,
		},
		"ci/app-old/": {
			"integration acme windlass ci/app-old/" + all,
			key + "ci/app-old/" + all,
		},
		"ci/users/" + vendingtest.CircleUser: {"grant hers jobs-of " + vendingtest.CircleUser + " ci/users/" +
			vendingtest.CircleUser + "/ write", "integration acme windlass ci/users/" + vendingtest.CircleUser + "/" +
			all, key + "ci/users/" + vendingtest.CircleUser + "/" + all},
		"elsewhere/": {key + "elsewhere/" + all},
		"ci/people/": {
			"grant everyone all-members ci/people/USER/ read write part",
			"integration acme windlass ci/people/" + all, key + "ci/people/" + all,
		},
	} {
		place, err := object.NewLocation(vendingtest.Bucket, prefix)
		if err != nil {
			t.Fatal(err)
		}
		ways, err := s.To(t.Context(), s.Actor, vendingtest.Workspace, place)
		if err != nil {
			t.Fatal(err)
		}
		sort.Strings(want)
		if diff := cmp.Diff(want, lines(ways)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", prefix, diff)
		}
	}
}

func TestWhatAMemberReaches(t *testing.T) {
	t.Parallel()
	s := found(t)
	everything := []string{
		"credential old windlass s3:/// list read write delete",
		"integration acme windlass ci/ list read write delete",
		"integration acme windlass daily/ list read write delete",
	}
	for _, c := range []struct {
		member workspace.Member
		want   []string
	}{
		{s.ann, []string{
			"grant ann member ann@example.com ci/app/ list read",
			"grant everyone member ann@example.com ci/people/" + s.ann.ID + "/ read write",
		}},
		{s.bob, []string{"grant everyone member bob@example.com ci/people/" + s.bob.ID + "/ read write"}},
	} {
		ways, err := s.Of(t.Context(), s.Actor, vendingtest.Workspace, c.member.Email)
		if err != nil {
			t.Fatal(err)
		}
		want := append(c.want, everything...)
		sort.Strings(want)
		if diff := cmp.Diff(want, lines(ways)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.member.Email, diff)
		}
	}
	if _, err := s.Of(t.Context(), s.Actor, vendingtest.Workspace, "nobody@example.com"); !problem.Is(err,
		problem.NotFound) {
		t.Errorf("nobody: %v", err)
	}
}

// A way that is revoked, has ended or isn't verified is listed as closed.
func TestClosedWays(t *testing.T) {
	t.Parallel()
	s := found(t)
	place := object.Location{Bucket: vendingtest.Bucket, Prefix: "ci/app/"}
	open := func() int {
		ways, err := s.To(t.Context(), s.Actor, vendingtest.Workspace, place)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, w := range ways {
			if w.Open() && w.Kind != reach.ByCredential {
				n++
			}
		}
		return n
	}
	if n := open(); n != 3 {
		t.Errorf("%d ways are open; want 3", n)
	}
	if _, _, err := s.Vending.Revoke(t.Context(), s.Actor, vendingtest.Workspace,
		vending.Target{User: s.ann.ID, Provider: provider.Members}, impact.Waived()); err != nil {
		t.Fatal(err)
	}
	if n := open(); n != 2 {
		t.Errorf("after ann is revoked %d ways are open; want 2", n)
	}
	s.grant(t, grant.Draft{
		Name: "later", Provider: provider.Members, Prefixes: []string{"ci/app/"},
		Users: []string{s.bob.ID}, NotBefore: s.Now().Add(time.Hour),
	})
	if n := open(); n != 2 {
		t.Errorf("a grant of later is open: %d", n)
	}
	off := integration.Read
	if _, err := s.World.World.Integrations.Update(t.Context(), s.Actor, vendingtest.Workspace, s.Integration.ID,
		integration.Change{Access: &off}); err != nil {
		t.Fatal(err)
	}
	if n := open(); n != 0 {
		t.Errorf("while the integration is not verified %d ways are open", n)
	}
}
