package access_test

import (
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/access/accesstest"
	"github.com/windlass-io/windlass/internal/problem"
)

// TestAttackStaleSession checks which actions a stale session is refused, and
// that a fresh session and a token aren't.
func TestAttackStaleSession(t *testing.T) {
	t.Parallel()
	member := func(change access.Resource) access.Resource {
		change.Workspace, change.Kind, change.ID, change.Role = "ws_1", "member", "mem_1", access.Owner
		return change
	}
	made := func(kind access.Kind, scopes ...string) access.Resource {
		return access.Resource{
			Workspace: "ws_1", Kind: "token", ID: "tok_2", Maker: "mem_1", Role: access.Owner, NewKind: kind,
			NewScopes: accesstest.Scopes(t, scopes...),
		}
	}
	for name, c := range map[string]struct {
		action   access.Action
		resource access.Resource
		stale    bool
	}{
		"linking an identity": {access.MemberLink, member(access.Resource{}), true},
		"a new password":      {access.MemberUpdate, member(access.Resource{NewPassword: true}), true},
		"no password":         {access.MemberUpdate, member(access.Resource{}), false},
		"making an owner":     {access.MemberUpdate, member(access.Resource{NewRole: access.Owner}), true},
		"making an admin":     {access.MemberUpdate, member(access.Resource{NewRole: access.Admin}), false},
		"inviting an owner": {access.MemberCreate, access.Resource{
			Workspace: "ws_1", Kind: "member",
			Role: access.Owner,
		}, true},
		"inviting an admin": {access.MemberCreate, access.Resource{
			Workspace: "ws_1", Kind: "member",
			Role: access.Admin,
		}, false},
		"deleting the workspace": {access.WorkspaceRemove, access.Resource{
			Workspace: "ws_1", Kind: "workspace",
			ID: "ws_1",
		}, true},
		"signing a command in": {access.SignInUse, access.Resource{
			Workspace: "ws_1", Kind: access.KindCommand,
			ID: "mem_1",
		}, true},
		"a sign-in link":              {access.SignInCreate, member(access.Resource{}), true},
		"signing in":                  {access.SignInUse, member(access.Resource{}), false},
		"a token with manage":         {access.TokenCreate, made(access.Secret, "read:*", "manage"), true},
		"a token with audit":          {access.TokenCreate, made(access.Secret, "audit"), true},
		"a token without them":        {access.TokenCreate, made(access.Secret, "read:*", "load", "query"), false},
		"a personal token":            {access.TokenCreate, made(access.Personal), true},
		"a narrow personal token":     {access.TokenCreate, made(access.Personal, "read:*"), false},
		"giving a token manage":       {access.TokenUpdate, made("", "manage"), true},
		"renaming a token":            {access.TokenUpdate, made(""), false},
		"adopting a token with audit": {access.TokenAdopt, made("", "audit"), true},
		"revoking a token":            {access.TokenRevoke, made("", "manage"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			person := access.Actor{
				Kind: access.Member, ID: "mem_1", Workspace: "ws_1", Member: "mem_1",
				Role: access.Owner,
			}
			checker := access.NewChecker(&kept{}, func() time.Time { return noon })
			err := checker.Check(t.Context(), person, c.action, c.resource)
			if access.IsStale(err) != c.stale || err != nil && !c.stale {
				t.Errorf("a stale session: %v", err)
			}
			if c.stale && (!problem.Is(err, problem.Forbidden) || problem.From(err).Hint == "") {
				t.Errorf("the refusal has code %q and hint %q", problem.From(err).Code, problem.From(err).Hint)
			}
			if err := checker.Check(t.Context(), accesstest.Fresh(person), c.action, c.resource); err != nil {
				t.Errorf("a fresh session: %v", err)
			}
		})
	}
	secret := access.Actor{
		Kind: access.Secret, ID: "tok_1", Token: "tok_1", Workspace: "ws_1", Member: "mem_1", Role: access.Owner,
		Scopes: accesstest.Scopes(t, "manage"),
	}
	if !access.Allowed(secret, access.TokenCreate, made(access.Secret, "manage")) {
		t.Error("a token with manage creates no token with manage")
	}
}

func TestFresh(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		signedIn time.Time
		want     bool
	}{
		{time.Time{}, false},
		{noon, true},
		{noon.Add(-access.FreshFor + time.Second), true},
		{noon.Add(-access.FreshFor), false},
	} {
		if got := access.Fresh(c.signedIn, noon); got != c.want {
			t.Errorf("signed in at %s: %v, want %v", c.signedIn, got, c.want)
		}
	}
}
