package access_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/access"
)

// TestPossible compares Possible with the decisions about many resources: it is
// false only where all of them are refused.
func TestPossible(t *testing.T) {
	t.Parallel()
	never := 0
	for _, actor := range everyActor() {
		for _, action := range access.Actions() {
			if access.Possible(actor, action) {
				continue
			}
			never++
			for _, resource := range everyResource() {
				if access.Allowed(actor, action, resource) {
					t.Errorf("%s %s %v: %s of %+v is allowed, and not possible", actor.Kind, actor.Role, actor.Scopes,
						action, resource)
				}
			}
		}
	}
	if never == 0 {
		t.Error("every action is possible for everybody")
	}
}

// TestImpossible names refusals that come before a body is read.
func TestImpossible(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		actor  access.Actor
		action access.Action
	}{
		"a viewer creates a source": {person(access.Viewer), access.SourceCreate},
		"an editor adds a member":   {person(access.Editor), access.MemberCreate},
		"a read token creates a source": {secretToken(access.Owner,
			access.Scope{Action: access.DataRead, Dataset: "*"}), access.SourceCreate},
		"a manage token adds a member": {
			secretToken(access.Owner, access.Scope{Action: access.ScopeManage}),
			access.MemberCreate,
		},
		"a personal token makes tokens": {access.Actor{
			Kind: access.Personal, ID: "mem_1", Member: "mem_1",
			Workspace: "ws_1", Role: access.Owner, Token: "tok_1",
		}, access.TokenCreate},
		"an owner elsewhere operates": {person(access.Owner), access.WorkspaceCreate},
		"nobody":                      {access.Actor{Kind: access.Anonymous}, access.SourceCreate},
	} {
		if access.Possible(tc.actor, tc.action) {
			t.Errorf("%s: possible", name)
		}
	}
}

func person(role access.Role) access.Actor {
	return access.Actor{Kind: access.Member, ID: "mem_1", Member: "mem_1", Workspace: "ws_1", Role: role}
}

func secretToken(role access.Role, scopes ...access.Scope) access.Actor {
	return access.Actor{
		Kind: access.Secret, ID: "tok_1", Token: "tok_1", Member: "mem_1", Workspace: "ws_1",
		Role: role, Scopes: scopes,
	}
}

// everyActor returns people and tokens of every role with every scope alone.
func everyActor() []access.Actor {
	scopes := []access.Scope{
		{Action: access.DataRead, Dataset: "*"},
		{Action: access.DataWrite, Dataset: "*"},
		{Action: access.DataDelete, Dataset: "*"},
		{Action: access.DataRead, Dataset: "ds_1"},
		{Action: access.DataWrite, Dataset: "ds_1"},
		{Action: access.DataDelete, Dataset: "ds_1"},
		{Action: access.DataQuery},
		{Action: access.ScopeLoad},
		{Action: access.ScopeManage},
		{Action: access.ScopeAudit},
		{Action: access.ScopeMetrics},
	}
	var actors []access.Actor
	for _, role := range access.Roles() {
		for _, isOperator := range []bool{false, true} {
			base := person(role)
			base.Operator = isOperator
			actors = append(actors, base)
			for _, kind := range []access.Kind{access.Personal, access.Secret, access.Publishable} {
				token := base
				token.Kind, token.Token = kind, "tok_1"
				if kind != access.Personal {
					token.ID = "tok_1"
				}
				actors = append(actors, token)
				for _, scope := range scopes {
					token.Scopes = []access.Scope{scope}
					actors = append(actors, token)
				}
			}
		}
	}
	return actors
}

// everyResource returns things of the actors' own workspace and of the instance.
func everyResource() []access.Resource {
	resources := []access.Resource{
		{Kind: access.KindInstance},
		{Workspace: "ws_1", Kind: "dataset", ID: "ds_1"},
		{Workspace: "ws_1", Kind: "dataset", ID: "ds_2"},
		{Workspace: "ws_1", Kind: "dataset"},
		{Workspace: "ws_1", Kind: "view", ID: "ds_1"},
		{Workspace: "ws_1", Kind: "source", ID: "src_1"},
		{Workspace: "ws_1", Kind: "source"},
	}
	for _, role := range access.Roles() {
		resources = append(resources,
			access.Resource{Workspace: "ws_1", Kind: "member", ID: "mem_1", Role: role},
			access.Resource{Workspace: "ws_1", Kind: "member", ID: "mem_2", Role: role},
			access.Resource{Workspace: "ws_1", Kind: "member", ID: "mem_2", Role: access.Viewer, NewRole: role},
			access.Resource{Workspace: "ws_1", Kind: "token", ID: "tok_1", Maker: "mem_1", Role: role},
			access.Resource{Workspace: "ws_1", Kind: "token", ID: "tok_2", Maker: "mem_2", Role: role},
		)
		for _, kind := range []access.Kind{access.Secret, access.Publishable, access.Personal} {
			resources = append(resources, access.Resource{
				Workspace: "ws_1", Kind: "token", Maker: "mem_1", Role: role,
				NewKind: kind,
			})
		}
	}
	return resources
}
