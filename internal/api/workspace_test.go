package api_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/workspace"
)

// as authenticates every token as one actor.
type as access.Actor

func (a as) Authenticate(context.Context, string) (access.Actor, error) { return access.Actor(a), nil }

// members serves a workspace "demo" with an owner to an actor of this kind and
// role.
func members(t *testing.T, kind access.Kind, role access.Role) (*client.Client, *workspace.Service, workspace.Member) {
	t.Helper()
	s := storetest.Open(t)
	service := workspace.New(workspace.Config{
		Store: s, Checker: access.NewChecker(audit.NewRecorder(s), time.Now),
		Now: time.Now,
	})
	setup := access.Actor{Kind: access.System, ID: access.Setup}
	demo, err := service.Create(t.Context(), setup, "demo")
	if err != nil {
		t.Fatal(err)
	}
	owner, err := service.AddMember(t.Context(), setup, demo.ID, workspace.NewMember{
		Email: "owner@example.com",
		Role:  access.Owner,
	})
	if err != nil {
		t.Fatal(err)
	}
	actor := as{
		Kind: kind, ID: "x", Workspace: demo.ID, Member: "x", Role: role, Fresh: true,
		Scopes: append(access.AllScopes(), access.Scope{Action: access.ScopeAudit}),
	}
	a, err := api.New(api.Config{
		Version: "test", Authenticator: actor, Workspaces: service,
		Services: api.Services{Workspaces: service}, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(a.Handler())
	t.Cleanup(server.Close)
	c, err := client.New(client.Config{URL: server.URL, Token: "sk_any", Workspace: "DEMO"})
	if err != nil {
		t.Fatal(err)
	}
	return c, service, owner
}

func TestMembers(t *testing.T) {
	t.Parallel()
	c, service, owner := members(t, access.Member, access.Owner)
	w, err := c.Workspace(t.Context())
	if err != nil || w.Name != "demo" || w.ID != owner.Workspace {
		t.Errorf("workspace %+v, %v", w, err)
	}
	made, err := c.AddMember(t.Context(), client.MemberSpec{Email: "New@example.com", Role: "user"})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(made.Invitation.Path, "/sign-in/link/sil_") ||
		time.Until(made.Invitation.ExpiresAt) < 71*time.Hour {
		t.Errorf("invitation %+v", made.Invitation)
	}
	listed, err := client.Every(func(o client.PageOptions) (client.Page[client.Member],
		error,
	) {
		return c.Members(t.Context(), o)
	})
	want := map[string]string{"owner@example.com": "owner", "new@example.com": "editor"}
	got := map[string]string{}
	for _, m := range listed {
		got[m.Email] = m.Role
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("members (-want +got):\n%s%v", diff, err)
	}
	if raised, err := c.SetMemberRole(t.Context(), "new@example.com", "admin"); err != nil || raised.Role != "admin" {
		t.Errorf("the role is now %q: %v", raised.Role, err)
	}
	if _, err := c.SetMemberRole(t.Context(), owner.ID, "admin"); !client.IsCode(err, "conflict") {
		t.Errorf("demoting the last owner: %v, want conflict", err)
	}
	link, err := c.CreateSignInLink(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	token := secret.New(strings.TrimPrefix(link.Path, "/sign-in/link/"))
	if in, err := service.SignInByLink(t.Context(), token, workspace.Origin{Address: "192.0.2.1"}); err != nil ||
		in.ID != made.ID {
		t.Errorf("by the link %+v came in, %v", in, err)
	}
	if err := c.RemoveMember(t.Context(), made.ID, ""); err != nil {
		t.Error(err)
	}
	if err := c.RemoveMember(t.Context(), owner.ID, ""); !client.IsCode(err, "conflict") {
		t.Errorf("removing the last owner: %v, want conflict", err)
	}
	if _, err := c.CreateSignInLink(t.Context(), "mem_nobody"); !client.IsCode(err, "not_found") {
		t.Errorf("a link for nobody: %v, want not_found", err)
	}
}

// TestAttackMembers checks that only members whose role allows it can change
// the members, and that no token can, whoever made it.
func TestAttackMembers(t *testing.T) {
	t.Parallel()
	for name, actor := range map[string]access.Actor{
		"a viewer":                  {Kind: access.Member, Role: access.Viewer},
		"an editor":                 {Kind: access.Member, Role: access.Editor},
		"an admin, about owners":    {Kind: access.Member, Role: access.Admin},
		"an owner's secret token":   {Kind: access.Secret, Role: access.Owner},
		"an owner's personal token": {Kind: access.Personal, Role: access.Owner},
		"an owner's public token":   {Kind: access.Publishable, Role: access.Owner},
		"a role that doesn't exist": {Kind: access.Member, Role: "root"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _, owner := members(t, actor.Kind, actor.Role)
			if _, err := c.AddMember(t.Context(), client.MemberSpec{
				Email: "x@example.com",
				Role:  "owner",
			}); !client.IsCode(err, "forbidden") {
				t.Errorf("adding: %v, want forbidden", err)
			}
			if _, err := c.CreateSignInLink(t.Context(), owner.ID); !client.IsCode(err, "forbidden") {
				t.Errorf("a link: %v, want forbidden", err)
			}
			if err := c.RemoveMember(t.Context(), owner.ID, ""); !client.IsCode(err, "forbidden") {
				t.Errorf("removing: %v, want forbidden", err)
			}
			if _, err := c.SetMemberRole(t.Context(), owner.ID, "viewer"); !client.IsCode(err, "forbidden") {
				t.Errorf("demoting: %v, want forbidden", err)
			}
			if err := c.SetMemberPassword(t.Context(), owner.ID, "another good password"); !client.IsCode(err,
				"forbidden") {
				t.Errorf("a password: %v, want forbidden", err)
			}
		})
	}
}
