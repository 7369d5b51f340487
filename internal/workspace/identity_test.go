package workspace_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/access/accesstest"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/security"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/workspace"
)

func TestIdentitySignsOneMemberIn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		h := open(s)
		w, owner := h.furnish(t, "acme")
		ann, err := h.AddMember(t.Context(), setup, w.ID, workspace.NewMember{
			Email: "ann@example.com",
			Role:  access.Editor,
		})
		if err != nil {
			t.Fatal(err)
		}
		identity := workspace.Identity{Issuer: "https://idp.example.com", Subject: "7f3a"}
		signIn := func(name string, identity workspace.Identity) (workspace.Member, error) {
			return h.SignInByIdentity(t.Context(), name, identity, workspace.Origin{Address: "192.0.2.1"})
		}
		if _, err := signIn("acme", identity); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("a stranger gets in: %v", err)
		}
		if err := h.LinkIdentity(t.Context(), accesstest.Fresh(ann.Actor()), identity); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"acme", ""} {
			if got, err := signIn(name, identity); err != nil || got.ID != ann.ID {
				t.Errorf("in %q it signs %s in: %v", name, got.Email, err)
			}
		}
		for name, other := range map[string]workspace.Identity{
			"another subject": {Issuer: identity.Issuer, Subject: "7F3A"},
			"another issuer":  {Issuer: "https://idp.example.org", Subject: "7f3a"},
			"her address":     {Issuer: identity.Issuer, Subject: "ann@example.com"}, "nothing": {},
			"no issuer": {Subject: "7f3a"},
		} {
			if got, err := signIn("acme", other); !problem.Is(err, problem.Unauthenticated) {
				t.Errorf("%s signs %q in: %v", name, got.Email, err)
			}
		}
		if err := h.LinkIdentity(t.Context(), accesstest.Fresh(owner.Actor()), identity); !problem.Is(err,
			problem.Conflict) {
			t.Errorf("an identity is two members': %v", err)
		}
		other, _ := h.furnish(t, "other")
		elsewhere, err := h.AddMember(t.Context(), setup, other.ID, workspace.NewMember{
			Email: "ann@example.com",
			Role:  access.Editor,
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.LinkIdentity(t.Context(), accesstest.Fresh(elsewhere.Actor()), identity); err != nil {
			t.Fatal(err)
		}
		if _, err := signIn("", identity); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("a member of two workspaces who names neither gets in: %v", err)
		}
		if got, err := signIn("other", identity); err != nil || got.ID != elsewhere.ID {
			t.Errorf("in other it signs %s in: %v", got.ID, err)
		}
		if err := h.RemoveIdentity(t.Context(), owner.Actor(), w.ID, ann.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := signIn("acme", identity); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("an identity that was taken gets in: %v", err)
		}
		if _, err := signIn("acme", workspace.Identity{}); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("no identity at all gets in: %v", err)
		}
	})
}

func TestWhoMayLinkAnIdentity(t *testing.T) {
	t.Parallel()
	h := open(storetest.Open(t))
	w, owner := h.furnish(t, "acme")
	add := func(email string, role access.Role) workspace.Member {
		m, err := h.AddMember(t.Context(), setup, w.ID, workspace.NewMember{Email: email, Role: role})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	ann, bob := add("ann@example.com", access.Editor), add("bob@example.com", access.Admin)
	identity := func(subject string) workspace.Identity {
		return workspace.Identity{Issuer: "https://idp.example.com", Subject: subject}
	}
	for name, c := range map[string]struct {
		said workspace.Identity
		want problem.Code
	}{
		"no subject":   {identity(""), problem.Invalid},
		"no address":   {workspace.Identity{Issuer: "idp", Subject: "1"}, problem.Invalid},
		"a line break": {identity("1\n2"), problem.Invalid},
		"none":         {workspace.Identity{}, problem.Invalid},
	} {
		if err := h.LinkIdentity(t.Context(), accesstest.Fresh(ann.Actor()), c.said); !problem.Is(err, c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
	if err := h.LinkIdentity(t.Context(), accesstest.Fresh(ann.Actor()), identity("1")); err != nil {
		t.Fatal(err)
	}
	for name, actor := range map[string]access.Actor{
		"her own again": accesstest.Fresh(ann.Actor()),
		"another's":     accesstest.Fresh(bob.Actor()),
	} {
		if err := h.LinkIdentity(t.Context(), actor, identity("1")); !problem.Is(err, problem.Conflict) {
			t.Errorf("%s: %v; want conflict", name, err)
		}
	}
	if err := h.RemoveIdentity(t.Context(), ann.Actor(), w.ID, owner.ID); !problem.Is(err, problem.Forbidden) {
		t.Errorf("a user removed an owner's identity: %v; want forbidden", err)
	}
	if err := h.RemoveIdentity(t.Context(), bob.Actor(), w.ID, ann.Email); err != nil {
		t.Errorf("an admin can't remove a user's identity: %v", err)
	}
	if got := h.events(t); got[security.IdentityLinked] != 1 || got[security.IdentityUnlinked] != 1 {
		t.Errorf("security log %v", got)
	}
}

func TestChangePasswordNeedsProof(t *testing.T) {
	t.Parallel()
	h := open(storetest.Open(t))
	w, owner := h.furnish(t, "acme")
	change := func(current, next string) error {
		return h.ChangePassword(t.Context(), owner.Actor(), secret.New(current), secret.New(next))
	}
	for name, c := range map[string][2]string{
		"a wrong one": {"incorrect horse battery", "another good password"},
		"a short one": {"correct horse battery", "short"}, "no new one": {"correct horse battery", ""},
	} {
		if err := change(c[0], c[1]); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := change("", "another good password"); !access.IsStale(err) {
		t.Errorf("a stale session without the password: %v, want a stale session", err)
	}
	before, err := h.SignedIn(t.Context(), owner.ID)
	if err != nil || !before.SecuredAt.IsZero() {
		t.Fatalf("a refused change ended sessions: %v %v", before.SecuredAt, err)
	}
	if err := change("correct horse battery", "another good password"); err != nil {
		t.Fatal(err)
	}
	after, err := h.SignedIn(t.Context(), owner.ID)
	if err != nil || !after.SecuredAt.Equal(h.clock.at) {
		t.Errorf("open sessions last: %v %v", after.SecuredAt, err)
	}
	attempt := workspace.Attempt{
		Workspace: "acme", Email: "owner@example.com",
		Password: secret.New("another good password"),
	}
	if _, err := h.SignIn(t.Context(), attempt); err != nil {
		t.Errorf("the new password does not sign in: %v", err)
	}
	if err := h.ChangePassword(t.Context(), accesstest.Fresh(owner.Actor()), secret.String{},
		secret.New("a third good password")); err != nil {
		t.Errorf("a fresh session: %v", err)
	}
	if err := h.SetPassword(t.Context(), setup, w.ID, "OWNER@example.com", secret.New("")); err != nil {
		t.Errorf("a member is not found by address: %v", err)
	}
}
