package token_test

import (
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/token"
)

// TestPersonal checks that a personal token acts as its member, with their
// role, and ends when they leave.
func TestPersonal(t *testing.T) {
	t.Parallel()
	f := open(t)
	ann, bob := f.join(t, "ann@example.com", access.Editor), f.join(t, "bob@example.com", access.Admin)
	draft := token.Draft{Kind: token.Personal, Name: "laptop"}
	made, got, text := f.mint(t, ann, draft)
	if made.Maker != ann.ID || !strings.HasPrefix(text, "mk_") ||
		!made.ExpiresAt.Equal(f.now.Add(token.PersonalLifetime)) {
		t.Fatalf("minted %+v", made)
	}
	if got.Kind != access.Personal || got.ID != ann.ID || got.Name != "ann@example.com" || got.Role != access.Editor ||
		got.Workspace != f.workspace || got.Token != made.ID {
		t.Errorf("it acts as %+v", got)
	}
	for name, c := range map[string]struct {
		actor access.Actor
		whose string
		want  problem.Code
	}{
		"themself by ID":        {ann, ann.ID, ""},
		"themself by address":   {ann, "ann@example.com", ""},
		"an admin for another":  {bob, "ann@example.com", problem.Forbidden},
		"an editor for another": {ann, bob.ID, problem.Forbidden},
		"an owner for nobody":   {f.owner, "nobody@example.com", problem.Forbidden},
	} {
		draft := draft
		draft.Member = c.whose
		made, _, err := f.Mint(t.Context(), c.actor, f.workspace, draft)
		if c.want == "" && (err != nil || made.Maker != ann.ID) || c.want != "" && !problem.Is(err, c.want) {
			t.Errorf("%s: %+v %v; want %q", name, made, err, c.want)
		}
	}
	late := token.Draft{Kind: token.Personal, Name: "x", ExpiresAt: f.now.Add(365 * 24 * time.Hour)}
	if _, _, err := f.Mint(t.Context(), ann, f.workspace, late); !problem.Is(err, problem.Invalid) {
		t.Errorf("a personal token for a year: %v", err)
	}
	if err := f.people.RemoveMember(t.Context(), f.owner, f.workspace, ann.ID, impact.Waived()); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Authenticate(t.Context(), text); !problem.Is(err, problem.Unauthenticated) {
		t.Errorf("a member who left comes in as %+v: %v", got, err)
	}
}
