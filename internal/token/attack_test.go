package token_test

import (
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/access/accesstest"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/token"
	"github.com/windlass-io/windlass/internal/workspace"
)

// TestAttackMatrix decides every case of the matrix with real tokens and
// members, also those whose token expired, was revoked, or lost its maker.
func TestAttackMatrix(t *testing.T) {
	t.Parallel()
	for _, c := range accesstest.Cases(t) {
		kind := c.Kind()
		if !kind.HasToken() {
			continue
		}
		f := open(t)
		maker := f.join(t, "maker@example.com", c.Actor.Role)
		made := token.Token{
			ID: "tok_case", Workspace: f.workspace, Kind: token.Kind(kind), Name: "case", Tail: "0000",
			Hash: token.HashOf(textOf(kind)), Scopes: c.Scopes(t), Maker: maker.ID, CreatedAt: f.now,
		}
		if c.Actor.Operator {
			f.people = workspace.New(workspace.Config{
				Store: f.store, Checker: access.NewChecker(discard{}, time.Now), Now: time.Now, Home: "demo",
			})
			f.Service = f.on(f.store)
		}
		if c.Actor.Expired {
			made.ExpiresAt = f.now
		}
		if err := f.store.InsertToken(t.Context(), made); err != nil {
			t.Fatal(err)
		}
		if c.Actor.Revoked {
			if err := f.Revoke(t.Context(), f.owner, f.workspace, made.ID, impact.Waived()); err != nil {
				t.Fatal(err)
			}
		}
		if c.Actor.Maker == "removed" {
			if err := f.people.RemoveMember(t.Context(), f.owner, f.workspace, maker.ID, impact.Waived()); err != nil {
				t.Fatal(err)
			}
		}
		actor, err := f.Authenticate(t.Context(), textOf(kind))
		if err == nil {
			checker := access.NewChecker(discard{}, time.Now)
			err = checker.Check(t.Context(), actor, c.Action, c.On(t, f.workspace, maker.ID))
		}
		c.Check(t, err)
	}
}

// textOf returns a well-formed token's text.
func textOf(kind access.Kind) string {
	return map[access.Kind]string{access.Secret: "sk_", access.Publishable: "pk_", access.Personal: "mk_"}[kind] +
		"0123456789abcdef0123456789abcdef"
}

// TestAttackDemotedMaker checks that a token loses the permissions that its
// maker's role loses, and gets none if the role rises.
func TestAttackDemotedMaker(t *testing.T) {
	t.Parallel()
	f := open(t)
	ann := f.join(t, "ann@example.com", access.Editor)
	_, _, text := f.mint(t, ann, token.Draft{
		Kind: token.Secret, Name: "x",
		Scopes: accesstest.Scopes(t, "write", "load"),
	})
	may := func(action access.Action, kind string) bool {
		actor, err := f.Authenticate(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		return access.Allowed(actor, action, access.Resource{Workspace: f.workspace, Kind: kind, ID: "x"})
	}
	if !may(access.DataWrite, "dataset") || may(access.IntegrationRemove, "integration") {
		t.Error("an editor's token doesn't do what its scopes say")
	}
	set := func(role access.Role) {
		if _, err := f.people.SetRole(t.Context(), f.owner, f.workspace, ann.ID, role); err != nil {
			t.Fatal(err)
		}
	}
	if set(access.Viewer); may(access.DataWrite, "dataset") || may(access.LoadCreate, "load") {
		t.Error("a token does what its maker can't do anymore")
	}
	if set(access.Owner); may(access.IntegrationRemove, "integration") || may(access.AuditList, "workspace") {
		t.Error("a token rose with its maker")
	}
}

// TestAttackTokensMakeTokens checks that a token creates nothing that can do
// more, or lasts longer, than itself, and that its children end with it.
func TestAttackTokensMakeTokens(t *testing.T) {
	t.Parallel()
	f := open(t)
	admin := f.join(t, "admin@example.com", access.Admin)
	parent, actor, _ := f.mint(t, admin, token.Draft{
		Kind: token.Secret, Name: "parent", Scopes: accesstest.Scopes(t, "manage", "read:*"),
		ExpiresAt: f.now.Add(time.Hour),
	})
	soon := f.now.Add(time.Minute)
	for name, c := range map[string]struct {
		draft token.Draft
		want  problem.Code
	}{
		"a subset": {token.Draft{
			Kind: token.Secret, Scopes: accesstest.Scopes(t, "read:prices"),
			ExpiresAt: soon,
		}, ""},
		"a publishable one": {token.Draft{
			Kind: token.Publishable, Scopes: accesstest.Scopes(t, "read:prices"),
			ExpiresAt: soon,
		}, ""},
		"its own scopes": {token.Draft{Kind: token.Secret, ExpiresAt: soon}, ""},
		"another scope": {
			token.Draft{Kind: token.Secret, Scopes: accesstest.Scopes(t, "load"), ExpiresAt: soon},
			problem.Forbidden,
		},
		"a personal one":    {token.Draft{Kind: token.Personal, ExpiresAt: soon}, problem.Forbidden},
		"one that outlives": {token.Draft{Kind: token.Secret, ExpiresAt: f.now.Add(2 * time.Hour)}, problem.Invalid},
		// ends with its parent
		"one without an end": {token.Draft{Kind: token.Publishable, Scopes: accesstest.Scopes(t, "read:prices")}, ""},
		"one for its owner":  {token.Draft{Kind: token.Personal, Member: f.owner.ID}, problem.Forbidden},
		"one of an owner's":  {token.Draft{Kind: token.Secret, Maker: f.owner.ID, ExpiresAt: soon}, ""},
	} {
		draft := c.draft
		draft.Name = name
		made, _, err := f.Mint(t.Context(), actor, f.workspace, draft)
		if c.want != "" && !problem.Is(err, c.want) || c.want == "" &&
			(err != nil || made.Maker != admin.ID || made.Parent != parent.ID) {
			t.Errorf("%s: %+v %v; want %q", name, made, err, c.want)
		}
		if err == nil && (made.ExpiresAt.IsZero() || made.ExpiresAt.After(parent.ExpiresAt)) {
			t.Errorf("%s: it outlives the token that created it: %v", name, made.ExpiresAt)
		}
	}
	_, child, text := f.mint(t, actor, token.Draft{
		Kind: token.Secret, Name: "child",
		Scopes: accesstest.Scopes(t, "manage"), ExpiresAt: soon,
	})
	_, _, grandchild := f.mint(t, child, token.Draft{Kind: token.Secret, Name: "grandchild", ExpiresAt: soon})
	if err := f.Revoke(t.Context(), admin, f.workspace, parent.ID, impact.Waived()); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{text, grandchild} {
		if _, err := f.Authenticate(t.Context(), text); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("a token outlives the one that created it: %v", err)
		}
	}
}

// TestAttackOthersTokens checks which roles can see, change, adopt and revoke
// other members' tokens.
func TestAttackOthersTokens(t *testing.T) {
	t.Parallel()
	f := open(t)
	people := map[access.Role]access.Actor{access.Owner: f.owner}
	made := map[access.Role]token.Token{}
	for _, role := range access.Roles() {
		if role != access.Owner {
			people[role] = f.join(t, string(role)+"@example.com", role)
		}
		made[role], _, _ = f.mint(t, people[role], token.Draft{Kind: token.Secret, Name: string(role)})
	}
	other := f.join(t, "other@example.com", access.Admin)
	made["peer"], _, _ = f.mint(t, other, token.Draft{Kind: token.Secret, Name: "peer"})
	name := "renamed"
	for by, sees := range map[access.Role]int{access.Viewer: 1, access.Editor: 1, access.Admin: 3, access.Owner: 5} {
		found, err := f.List(t.Context(), people[by], f.workspace, paging.Request{})
		if err != nil || len(found.Items) != sees {
			t.Errorf("the %s sees %d tokens, want %d: %v", by, len(found.Items), sees, err)
		}
		for whose, target := range made {
			own := by == whose
			manages := by == access.Owner || by == access.Admin && access.Admin.Above(whose)
			want := func(ok bool, what string, err error) {
				if ok && err != nil || !ok && !problem.Is(err, problem.Forbidden) {
					t.Errorf("%s: the %s's token by the %s: %v", what, whose, by, err)
				}
			}
			_, err := f.Get(t.Context(), people[by], f.workspace, target.ID)
			want(own || manages, "get", err)
			_, err = f.Update(t.Context(), people[by], f.workspace, target.ID, token.Change{Name: &name})
			want(own || manages, "update", err)
			if !own && !manages {
				_, err = f.Adopt(t.Context(), people[by], f.workspace, target.ID)
				want(false, "adopt", err)
				want(false, "revoke", f.Revoke(t.Context(), people[by], f.workspace, target.ID, impact.Waived()))
			}
		}
	}
}

// TestAdopt checks that an adopted token outlives the member who made it.
func TestAdopt(t *testing.T) {
	t.Parallel()
	f := open(t)
	ann := f.join(t, "ann@example.com", access.Editor)
	made, _, text := f.mint(t, ann, token.Draft{
		Kind: token.Secret, Name: "app",
		Scopes: accesstest.Scopes(t, "read:prices"),
	})
	adopted, err := f.Adopt(t.Context(), f.owner, f.workspace, made.ID)
	if err != nil || adopted.Maker != f.owner.ID {
		t.Fatalf("adopted %+v: %v", adopted, err)
	}
	if err := f.people.RemoveMember(t.Context(), f.owner, f.workspace, ann.ID, impact.Waived()); err != nil {
		t.Fatal(err)
	}
	if actor, err := f.Authenticate(t.Context(), text); err != nil || actor.Member != f.owner.ID {
		t.Errorf("it acts for %q: %v", actor.Member, err)
	}
	personal, _, _ := f.mint(t, f.owner, token.Draft{Kind: token.Personal, Name: "laptop"})
	if _, err := f.Adopt(t.Context(), f.owner, f.workspace, personal.ID); !problem.Is(err, problem.Invalid) {
		t.Errorf("adopting a personal token: %v", err)
	}
}

// TestAttackLongLives checks how long the tokens of each kind and role last.
func TestAttackLongLives(t *testing.T) {
	t.Parallel()
	f := open(t)
	ann := f.join(t, "ann@example.com", access.Admin)
	made, _, _ := f.mint(t, ann, token.Draft{Kind: token.Secret, Name: "default"})
	if !made.ExpiresAt.Equal(f.now.Add(token.SecretLifetime)) {
		t.Errorf("a secret token lasts until %v", made.ExpiresAt)
	}
	forever := token.Draft{Kind: token.Secret, Name: "forever", Never: true}
	if _, _, err := f.Mint(t.Context(), ann, f.workspace, forever); !problem.Is(err, problem.Invalid) {
		t.Errorf("an admin's secret token that never expires: %v", err)
	}
	if made, _, _ := f.mint(t, f.owner, forever); !made.ExpiresAt.IsZero() {
		t.Errorf("an owner's lasts until %v", made.ExpiresAt)
	}
	never := time.Time{}
	if _, err := f.Update(t.Context(), ann, f.workspace, made.ID, token.Change{ExpiresAt: &never}); !problem.Is(err,
		problem.Invalid) {
		t.Errorf("an admin makes a token last forever: %v", err)
	}
	viewer := f.join(t, "viewer@example.com", access.Viewer)
	for _, scope := range []string{"write", "load", "audit", "metrics"} {
		draft := token.Draft{Kind: token.Secret, Name: "x", Scopes: accesstest.Scopes(t, scope)}
		if _, _, err := f.Mint(t.Context(), viewer, f.workspace, draft); !problem.Is(err, problem.Invalid) {
			t.Errorf("a viewer's token with %s: %v", scope, err)
		}
	}
}
