package token_test

import (
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/token"
	"github.com/windlass-io/windlass/internal/workspace"
)

// A personal token is its member: named, with their role, and gone when they
// are.
func TestPersonal(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	clock := func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
	checker := access.NewChecker(discard{}, clock)
	people := workspace.New(workspace.Config{Store: s, Checker: checker, Now: clock})
	tokens := token.New(token.Config{Checker: checker, Store: s, Members: people, Now: clock})
	setup := access.Actor{Kind: access.System, ID: access.Setup}
	w, err := people.Create(t.Context(), setup, "acme")
	if err != nil {
		t.Fatal(err)
	}
	add := func(email string, role access.Role) access.Actor {
		m, err := people.AddMember(t.Context(), setup, w.ID, workspace.NewMember{Email: email, Role: role})
		if err != nil {
			t.Fatal(err)
		}
		return m.Actor()
	}
	owner, ann, bob := add("owner@example.com", access.Owner), add("ann@example.com", access.User), add("bob@example.com", access.Admin)
	draft := token.Draft{Kind: token.Personal, Name: "laptop"}
	made, text, err := tokens.Mint(t.Context(), ann, w.ID, draft)
	if err != nil || made.Member != ann.ID || !strings.HasPrefix(text.Reveal(), "mk_") || !made.ExpiresAt.Equal(clock().Add(token.PersonalLifetime)) {
		t.Fatalf("minted %+v: %v", made, err)
	}
	for range 2 { // the second time from the cache
		got, err := tokens.Authenticate(t.Context(), text.Reveal())
		if err != nil || got.Kind != access.Member || got.ID != ann.ID || got.Name != "ann@example.com" || got.Role != access.User || got.Workspace != w.ID {
			t.Errorf("it is %+v: %v", got, err)
		}
	}
	for name, c := range map[string]struct {
		actor access.Actor
		whose string
		want  problem.Code
	}{
		"an admin for a user":   {bob, "ann@example.com", ""},
		"a user for another":    {ann, bob.ID, problem.Forbidden},
		"an admin for an owner": {bob, owner.ID, problem.Forbidden},
		"for nobody":            {owner, "nobody@example.com", problem.NotFound},
		"a publishable token":   {access.Actor{Kind: access.Publishable, ID: "tok_1", Workspace: w.ID}, ann.ID, problem.Forbidden},
		"a token for itself":    {access.Actor{Kind: access.Secret, ID: "tok_1", Workspace: w.ID}, "", problem.NotFound},
	} {
		said := draft
		said.Member = c.whose
		made, _, err := tokens.Mint(t.Context(), c.actor, w.ID, said)
		if c.want == "" && (err != nil || made.Member != ann.ID) || c.want != "" && !problem.Is(err, c.want) {
			t.Errorf("%s: %+v %v; want %q", name, made, err, c.want)
		}
	}
	for name, bad := range map[string]token.Draft{
		"of another kind": {Kind: token.Secret, Name: "x", Member: ann.ID},
		"with scopes":     {Kind: token.Personal, Name: "x", Scopes: []access.Scope{{Action: access.DataRead, Dataset: "*"}}},
		"for a year":      {Kind: token.Personal, Name: "x", ExpiresAt: clock().Add(365 * 24 * time.Hour)},
	} {
		if _, _, err := tokens.Mint(t.Context(), ann, w.ID, bad); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := people.RemoveMember(t.Context(), owner, w.ID, ann.ID, impact.Waived()); err != nil {
		t.Fatal(err)
	}
	if got, err := tokens.Authenticate(t.Context(), text.Reveal()); !problem.Is(err, problem.Unauthenticated) {
		t.Errorf("a member who is gone comes in as %+v: %v", got, err)
	}
}
