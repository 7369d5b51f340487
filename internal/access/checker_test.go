package access_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// kept is a recorder in memory, which fails if full is set.
type kept struct {
	decisions []access.Decision
	full      bool
}

func (k *kept) Record(_ context.Context, d access.Decision) error {
	if k.full {
		return errors.New("disk full")
	}
	k.decisions = append(k.decisions, d)
	return nil
}

func dataset(workspace, id string) access.Resource {
	return access.Resource{Workspace: workspace, Kind: "dataset", ID: id}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const allowed problem.Code = ""
	token := func(kind access.Kind, scopes ...access.Scope) access.Actor {
		return access.Actor{
			Kind: kind, ID: "tok_1", Workspace: "ws_1", Member: "mem_1", Role: access.Owner,
			Token: "tok_1", Scopes: scopes,
		}
	}
	scoped := func(scopes ...access.Scope) access.Actor { return token(access.Publishable, scopes...) }
	person := func(role access.Role) access.Actor {
		return access.Actor{Kind: access.Member, ID: "mem_1", Workspace: "ws_1", Member: "mem_1", Role: role}
	}
	members := func(workspace, id string, role access.Role) access.Resource {
		return access.Resource{Workspace: workspace, Kind: "member", ID: id, Role: role}
	}
	secret := token(access.Secret, access.AllScopes()...)
	workload := access.Actor{Kind: access.Workload, ID: "repo:a/b", Workspace: "ws_1"}
	for name, c := range map[string]struct {
		actor    access.Actor
		action   access.Action
		resource access.Resource
		want     problem.Code
	}{
		"a member in their workspace": {
			person(access.Admin), access.IntegrationCreate,
			access.Resource{Workspace: "ws_1", Kind: "integration"},
			allowed,
		},
		"a member in another's": {
			person(access.Owner), access.IntegrationRead,
			access.Resource{Workspace: "ws_2", Kind: "integration", ID: "int_1"},
			problem.NotFound,
		},
		"an owner adds a member elsewhere": {
			person(access.Owner), access.MemberCreate,
			members("ws_2", "", access.Viewer), problem.NotFound,
		},
		"an admin raises a member to admin": {
			person(access.Admin), access.MemberUpdate,
			access.Resource{Workspace: "ws_1", Kind: "member", ID: "mem_2", Role: access.Editor, NewRole: access.Admin},
			allowed,
		},
		"an admin raises a member to owner": {
			person(access.Admin), access.MemberUpdate,
			access.Resource{Workspace: "ws_1", Kind: "member", ID: "mem_2", Role: access.Editor, NewRole: access.Owner},
			problem.Forbidden,
		},
		"an editor raises themself": {
			person(access.Editor), access.MemberUpdate,
			access.Resource{Workspace: "ws_1", Kind: "member", ID: "mem_1", Role: access.Editor, NewRole: access.Admin},
			problem.Forbidden,
		},
		"an editor steps down": {
			person(access.Editor), access.MemberUpdate,
			access.Resource{
				Workspace: "ws_1", Kind: "member", ID: "mem_1", Role: access.Editor,
				NewRole: access.Viewer,
			},
			allowed,
		},
		"a role that doesn't exist": {
			person("root"), access.DataRead, dataset("ws_1", "ds_1"),
			problem.Forbidden,
		},
		"a person without a membership": {access.Actor{
			Kind: access.Member, ID: "mem_1", Workspace: "ws_1",
			Role: access.Owner,
		}, access.DataRead, dataset("ws_1", "ds_1"), problem.Unauthenticated},
		"a secret token without scopes": {
			token(access.Secret), access.DataRead, dataset("ws_1", "ds_1"),
			problem.Forbidden,
		},
		"a secret token revokes itself": {
			token(access.Secret,
				access.Scope{Action: access.DataRead, Dataset: "ds_1"}), access.TokenRevoke,
			access.Resource{Workspace: "ws_1", Kind: "token", ID: "tok_1", Maker: "mem_1", Role: access.Owner},
			allowed,
		},
		"a read token revokes another": {
			token(access.Secret,
				access.Scope{Action: access.DataRead, Dataset: "ds_1"}), access.TokenRevoke,
			access.Resource{Workspace: "ws_1", Kind: "token", ID: "tok_2", Maker: "mem_1", Role: access.Owner},
			problem.Forbidden,
		},
		"a publishable token writes all": {
			scoped(access.Scope{Action: access.DataWrite, Dataset: "*"}),
			access.DataWrite, dataset("ws_1", "ds_1"), problem.Forbidden,
		},
		"a security log of the instance": {
			person(access.Owner), access.SecurityList,
			access.Resource{Kind: access.KindInstance},
			problem.Forbidden,
		},
		"a secret token in its workspace": {secret, access.DataRead, dataset("ws_1", "ds_1"), allowed},
		"a secret token in another's":     {secret, access.DataRead, dataset("ws_2", "ds_1"), problem.NotFound},
		"a secret token in none":          {secret, access.DataRead, dataset("", "ds_1"), problem.NotFound},
		"an action nobody knows":          {secret, "data.burn", dataset("ws_1", "ds_1"), problem.Forbidden},
		"a scope that names the dataset": {
			scoped(access.Scope{Action: access.DataRead, Dataset: "ds_1"}),
			access.DataRead, dataset("ws_1", "ds_1"), allowed,
		},
		"a scope for all datasets": {
			scoped(access.Scope{Action: access.DataRead, Dataset: "*"}),
			access.DataRead, dataset("ws_1", "ds_9"), allowed,
		},
		"a scope for all, of all datasets": {
			scoped(access.Scope{Action: access.DataRead, Dataset: "*"}),
			access.DataRead, dataset("ws_1", ""), problem.Forbidden,
		},
		"a scope of another dataset": {
			scoped(access.Scope{Action: access.DataRead, Dataset: "ds_2"}),
			access.DataRead, dataset("ws_1", "ds_1"), problem.Forbidden,
		},
		"a scope of another action": {
			scoped(access.Scope{Action: access.DataRead, Dataset: "ds_1"}),
			access.DataDelete, dataset("ws_1", "ds_1"), problem.Forbidden,
		},
		"a scope of another kind of thing": {
			scoped(access.Scope{Action: access.DataRead, Dataset: "int_1"}),
			access.DataRead,
			access.Resource{Workspace: "ws_1", Kind: "integration", ID: "int_1"},
			problem.Forbidden,
		},
		"a scope that cannot be one": {
			scoped(access.Scope{Action: access.TokenCreate, Dataset: "*"}),
			access.TokenCreate, dataset("ws_1", "ds_1"), problem.Forbidden,
		},
		"no scope": {scoped(), access.DataRead, dataset("ws_1", "ds_1"), problem.Forbidden},
		"a scope, in another workspace": {
			scoped(access.Scope{Action: access.DataRead, Dataset: "*"}),
			access.DataRead, dataset("ws_2", "ds_1"), problem.NotFound,
		},
		"nobody": {
			access.Actor{Kind: access.Anonymous},
			access.DataRead,
			dataset("ws_1", "ds_1"), problem.Unauthenticated,
		},
		"nobody with a workspace": {
			access.Actor{Kind: access.Anonymous, Workspace: "ws_1"},
			access.DataRead, dataset("ws_1", "ds_1"), problem.Unauthenticated,
		},
		"the zero actor": {
			access.Actor{},
			access.DataRead, dataset("ws_1", "ds_1"),
			problem.Unauthenticated,
		},
		"a kind nobody knows": {
			access.Actor{Kind: "root", ID: "r", Workspace: "ws_1"},
			access.DataRead,
			dataset("ws_1", "ds_1"), problem.Unauthenticated,
		},
		"the scheduler starts a load": {
			access.Actor{Kind: access.System, ID: access.Scheduler},
			access.LoadCreate,
			access.Resource{Workspace: "ws_1", Kind: "load"},
			allowed,
		},
		"the scheduler reads data": {
			access.Actor{Kind: access.System, ID: access.Scheduler},
			access.DataRead, dataset("ws_1", "ds_1"), problem.Forbidden,
		},
		"the loader uses a role": {
			access.Actor{Kind: access.System, ID: access.Loader},
			access.IntegrationUse,
			access.Resource{Workspace: "ws_1", Kind: "integration", ID: "int_1"},
			allowed,
		},
		"the loader makes a token": {
			access.Actor{Kind: access.System, ID: access.Loader},
			access.TokenCreate,
			access.Resource{Workspace: "ws_1", Kind: "token"},
			problem.Forbidden,
		},
		"the doctor verifies": {
			access.Actor{Kind: access.System, ID: access.Doctor},
			access.IntegrationVerify,
			access.Resource{Workspace: "ws_1", Kind: "integration", ID: "int_1"},
			allowed,
		},
		"the doctor writes data": {
			access.Actor{Kind: access.System, ID: access.Doctor},
			access.DataWrite,
			dataset("ws_1", "ds_1"), problem.Forbidden,
		},
		"setup makes a workspace": {
			access.Actor{Kind: access.System, ID: access.Setup},
			access.WorkspaceCreate,
			access.Resource{Kind: "workspace"},
			allowed,
		},
		"a part of the service nobody knows": {
			access.Actor{Kind: access.System, ID: "cron"},
			access.LoadCreate,
			access.Resource{Workspace: "ws_1", Kind: "load"},
			problem.Forbidden,
		},
		"a workload uses a grant": {
			workload, access.GrantUse,
			access.Resource{Workspace: "ws_1", Kind: "grant", ID: "grant_1"},
			allowed,
		},
		"a workload reads data": {workload, access.DataRead, dataset("ws_1", "ds_1"), problem.Forbidden},
		"a workload uses another's grant": {
			workload, access.GrantUse,
			access.Resource{Workspace: "ws_2", Kind: "grant", ID: "grant_1"},
			problem.NotFound,
		},
		"a collection of another's workspace": {
			person(access.Owner), access.TokenList,
			access.Resource{Workspace: "ws_2", Kind: "token"},
			problem.NotFound,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorder := &kept{}
			err := access.NewChecker(recorder, func() time.Time { return noon }).Check(t.Context(), c.actor, c.action,
				c.resource)
			var got problem.Code
			if err != nil {
				got = problem.From(err).Code
			}
			if got != c.want {
				t.Errorf("answer %q (%v), want %q", got, err, c.want)
			}
			if len(recorder.decisions) != 1 {
				t.Fatalf("%d decisions recorded, want 1", len(recorder.decisions))
			}
			d := recorder.decisions[0]
			if d.Reason == "" {
				t.Error("the decision has no reason")
			}
			want := access.Decision{
				Time: noon, Actor: c.actor, Action: c.action, Resource: c.resource,
				Allowed: c.want == allowed, Reason: d.Reason,
			}
			if diff := cmp.Diff(want, d); diff != "" {
				t.Errorf("decision (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNotRecordedIsNo(t *testing.T) {
	t.Parallel()
	checker := access.NewChecker(&kept{full: true}, func() time.Time { return noon })
	actor := access.Actor{
		Kind: access.Secret, ID: "tok_1", Workspace: "ws_1", Member: "mem_1", Role: access.Owner,
		Scopes: access.AllScopes(),
	}
	if err := checker.Check(t.Context(), actor, access.DataRead, dataset("ws_1", "ds_1")); !problem.Is(err,
		problem.Unavailable) {
		t.Errorf("got %v, want a problem with code unavailable", err)
	}
}

// TestOutsideIsMissing checks that the error for a resource of another workspace
// is the same as for a missing one.
func TestOutsideIsMissing(t *testing.T) {
	t.Parallel()
	checker := access.NewChecker(&kept{}, func() time.Time { return noon })
	actor := access.Actor{
		Kind: access.Secret, ID: "tok_1", Workspace: "ws_1", Member: "mem_1", Role: access.Owner,
		Scopes: access.AllScopes(),
	}
	err := checker.Check(t.Context(), actor, access.DataRead, dataset("ws_2", "ds_1"))
	if diff := cmp.Diff(access.Missing("dataset", "ds_1"), problem.From(err)); diff != "" {
		t.Errorf("(-missing +outside):\n%s", diff)
	}
}

// TestNothingCrosses checks that no actor except the service itself acts
// outside its workspace, whatever its kind, role and scopes.
func TestNothingCrosses(t *testing.T) {
	t.Parallel()
	kinds := []access.Kind{access.Member, access.Secret, access.Personal, access.Publishable, access.Workload, ""}
	workspaces := []string{"", "ws_1", "ws_2"}
	rapid.Check(t, func(t *rapid.T) {
		actor := access.Actor{
			Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), ID: rapid.SampledFrom([]string{"", "x"}).Draw(t, "id"),
			Workspace: rapid.SampledFrom(workspaces).Draw(t, "workspace"),
			Member:    rapid.SampledFrom([]string{"", "mem_1"}).Draw(t, "member"),
			Role:      rapid.SampledFrom(access.Roles()).Draw(t, "role"),
			Scopes: []access.Scope{
				{Action: rapid.SampledFrom(access.Actions()).Draw(t, "scope"), Dataset: "*"},
				{Action: access.ScopeManage},
			},
		}
		resource := access.Resource{
			Workspace: rapid.SampledFrom(workspaces).Draw(t, "resource"), Kind: "dataset",
			ID: "ds_1",
		}
		action := rapid.SampledFrom(access.Actions()).Draw(t, "action")
		err := access.NewChecker(&kept{}, func() time.Time { return noon }).Check(context.Background(), actor, action,
			resource)
		if err == nil && (actor.Workspace == "" || actor.Workspace != resource.Workspace) {
			t.Fatalf("%+v was allowed %s on %+v", actor, action, resource)
		}
	})
}

// TestAttackTokenExceedsMaker checks that no token can do what its maker can't.
func TestAttackTokenExceedsMaker(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		role := rapid.SampledFrom(access.Roles()).Draw(t, "role")
		person := access.Actor{Kind: access.Member, ID: "mem_1", Workspace: "ws_1", Member: "mem_1", Role: role}
		token := person
		token.Kind = rapid.SampledFrom([]access.Kind{access.Personal, access.Secret, access.Publishable}).
			Draw(t, "kind")
		token.Token = "tok_1"
		token.Scopes = append(access.AllScopes(), access.Scope{Action: access.ScopeAudit},
			access.Scope{Action: access.ScopeMetrics})
		resource := access.Resource{
			Workspace: "ws_1", Kind: rapid.SampledFrom([]string{"dataset", "member", "token"}).Draw(t, "kind of thing"),
			ID:      rapid.SampledFrom([]string{"", "x", "mem_1"}).Draw(t, "id"),
			Maker:   rapid.SampledFrom([]string{"mem_1", "mem_2"}).Draw(t, "maker"),
			Role:    rapid.SampledFrom(access.Roles()).Draw(t, "its role"),
			NewRole: rapid.SampledFrom(append(access.Roles(), "")).Draw(t, "new role"),
		}
		action := rapid.SampledFrom(access.Actions()).Draw(t, "action")
		if access.Allowed(token, action, resource) && !access.Allowed(person, action, resource) {
			t.Fatalf("a %s token of a %s may do %s on %+v; its maker may not", token.Kind, role, action, resource)
		}
	})
}
