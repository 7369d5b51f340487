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

// kept is a recorder in memory; full makes it answer that it cannot.
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
	scoped := func(scopes ...access.Scope) access.Actor {
		return access.Actor{Kind: access.Publishable, ID: "tok_p", Workspace: "ws_1", Scopes: scopes}
	}
	member := access.Actor{Kind: access.Member, ID: "mem_1", Workspace: "ws_1"}
	secret := access.Actor{Kind: access.Secret, ID: "tok_s", Workspace: "ws_1"}
	workload := access.Actor{Kind: access.Workload, ID: "repo:a/b", Workspace: "ws_1"}
	for name, c := range map[string]struct {
		actor    access.Actor
		action   access.Action
		resource access.Resource
		want     problem.Code
	}{
		"a member in their workspace":         {member, access.IntegrationCreate, access.Resource{Workspace: "ws_1", Kind: "integration"}, allowed},
		"a member in another's":               {member, access.IntegrationRead, access.Resource{Workspace: "ws_2", Kind: "integration", ID: "int_1"}, problem.NotFound},
		"an owner makes a member":             {access.Actor{Kind: access.Member, ID: "mem_1", Workspace: "ws_1", Role: access.Owner}, access.MemberCreate, access.Resource{Workspace: "ws_1", Kind: "member"}, allowed},
		"an owner makes one for another":      {access.Actor{Kind: access.Member, ID: "mem_1", Workspace: "ws_1", Role: access.Owner}, access.MemberCreate, access.Resource{Workspace: "ws_2", Kind: "member"}, problem.NotFound},
		"an admin makes a member":             {access.Actor{Kind: access.Member, ID: "mem_1", Workspace: "ws_1", Role: access.Admin}, access.MemberCreate, access.Resource{Workspace: "ws_1", Kind: "member"}, allowed},
		"an admin makes an owner":             {access.Actor{Kind: access.Member, ID: "mem_1", Workspace: "ws_1", Role: access.Admin}, access.MemberCreate, access.Resource{Workspace: "ws_1", Kind: access.KindOwner}, problem.Forbidden},
		"an admin signs an owner in":          {access.Actor{Kind: access.Member, ID: "mem_1", Workspace: "ws_1", Role: access.Admin}, access.SignInCreate, access.Resource{Workspace: "ws_1", Kind: access.KindOwner, ID: "mem_2"}, problem.Forbidden},
		"a user changes their password":       {access.Actor{Kind: access.Member, ID: "mem_1", Workspace: "ws_1", Role: access.User}, access.MemberUpdate, access.Resource{Workspace: "ws_1", Kind: "member", ID: "mem_1"}, allowed},
		"a user changes another's password":   {access.Actor{Kind: access.Member, ID: "mem_1", Workspace: "ws_1", Role: access.User}, access.MemberUpdate, access.Resource{Workspace: "ws_1", Kind: "member", ID: "mem_2"}, problem.Forbidden},
		"a user makes a member":               {access.Actor{Kind: access.Member, ID: "mem_1", Workspace: "ws_1", Role: access.User}, access.MemberCreate, access.Resource{Workspace: "ws_1", Kind: "member"}, problem.Forbidden},
		"a secret token in its workspace":     {secret, access.DataRead, dataset("ws_1", "ds_1"), allowed},
		"a secret token in another's":         {secret, access.DataRead, dataset("ws_2", "ds_1"), problem.NotFound},
		"a secret token in none":              {secret, access.DataRead, dataset("", "ds_1"), problem.NotFound},
		"an action nobody knows":              {secret, "data.burn", dataset("ws_1", "ds_1"), problem.Forbidden},
		"a scope that names the dataset":      {scoped(access.Scope{Action: access.DataRead, Dataset: "ds_1"}), access.DataRead, dataset("ws_1", "ds_1"), allowed},
		"a scope for all datasets":            {scoped(access.Scope{Action: access.DataRead, Dataset: "*"}), access.DataRead, dataset("ws_1", "ds_9"), allowed},
		"a scope for all, of all datasets":    {scoped(access.Scope{Action: access.DataRead, Dataset: "*"}), access.DataRead, dataset("ws_1", ""), problem.Forbidden},
		"a scope of another dataset":          {scoped(access.Scope{Action: access.DataRead, Dataset: "ds_2"}), access.DataRead, dataset("ws_1", "ds_1"), problem.Forbidden},
		"a scope of another action":           {scoped(access.Scope{Action: access.DataRead, Dataset: "ds_1"}), access.DataDelete, dataset("ws_1", "ds_1"), problem.Forbidden},
		"a scope of another kind of thing":    {scoped(access.Scope{Action: access.DataRead, Dataset: "int_1"}), access.DataRead, access.Resource{Workspace: "ws_1", Kind: "integration", ID: "int_1"}, problem.Forbidden},
		"a scope that cannot be one":          {scoped(access.Scope{Action: access.TokenCreate, Dataset: "*"}), access.TokenCreate, dataset("ws_1", "ds_1"), problem.Forbidden},
		"no scope":                            {scoped(), access.DataRead, dataset("ws_1", "ds_1"), problem.Forbidden},
		"a scope, in another workspace":       {scoped(access.Scope{Action: access.DataRead, Dataset: "*"}), access.DataRead, dataset("ws_2", "ds_1"), problem.NotFound},
		"nobody":                              {access.Actor{Kind: access.Anonymous}, access.DataRead, dataset("ws_1", "ds_1"), problem.Unauthenticated},
		"nobody with a workspace":             {access.Actor{Kind: access.Anonymous, Workspace: "ws_1"}, access.DataRead, dataset("ws_1", "ds_1"), problem.Unauthenticated},
		"the zero actor":                      {access.Actor{}, access.DataRead, dataset("ws_1", "ds_1"), problem.Unauthenticated},
		"a kind nobody knows":                 {access.Actor{Kind: "root", ID: "r", Workspace: "ws_1"}, access.DataRead, dataset("ws_1", "ds_1"), problem.Unauthenticated},
		"a member without a name":             {access.Actor{Kind: access.Member, Workspace: "ws_1"}, access.DataRead, dataset("ws_1", "ds_1"), problem.NotFound},
		"the scheduler starts a load":         {access.Actor{Kind: access.System, ID: access.Scheduler}, access.LoadCreate, access.Resource{Workspace: "ws_1", Kind: "load"}, allowed},
		"the scheduler reads data":            {access.Actor{Kind: access.System, ID: access.Scheduler}, access.DataRead, dataset("ws_1", "ds_1"), problem.Forbidden},
		"the loader uses a role":              {access.Actor{Kind: access.System, ID: access.Loader}, access.IntegrationUse, access.Resource{Workspace: "ws_1", Kind: "integration", ID: "int_1"}, allowed},
		"the loader makes a token":            {access.Actor{Kind: access.System, ID: access.Loader}, access.TokenCreate, access.Resource{Workspace: "ws_1", Kind: "token"}, problem.Forbidden},
		"the doctor verifies":                 {access.Actor{Kind: access.System, ID: access.Doctor}, access.IntegrationVerify, access.Resource{Workspace: "ws_1", Kind: "integration", ID: "int_1"}, allowed},
		"the doctor writes data":              {access.Actor{Kind: access.System, ID: access.Doctor}, access.DataWrite, dataset("ws_1", "ds_1"), problem.Forbidden},
		"setup makes a workspace":             {access.Actor{Kind: access.System, ID: access.Setup}, access.WorkspaceCreate, access.Resource{Kind: "workspace"}, allowed},
		"a part of the service nobody knows":  {access.Actor{Kind: access.System, ID: "cron"}, access.LoadCreate, access.Resource{Workspace: "ws_1", Kind: "load"}, problem.Forbidden},
		"a workload uses a grant":             {workload, access.GrantUse, access.Resource{Workspace: "ws_1", Kind: "grant", ID: "grant_1"}, allowed},
		"a workload reads data":               {workload, access.DataRead, dataset("ws_1", "ds_1"), problem.Forbidden},
		"a workload uses another's grant":     {workload, access.GrantUse, access.Resource{Workspace: "ws_2", Kind: "grant", ID: "grant_1"}, problem.NotFound},
		"a collection of another's workspace": {member, access.TokenList, access.Resource{Workspace: "ws_2", Kind: "token"}, problem.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorder := &kept{}
			err := access.NewChecker(recorder, func() time.Time { return noon }).Check(t.Context(), c.actor, c.action, c.resource)
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
			want := access.Decision{Time: noon, Actor: c.actor, Action: c.action, Resource: c.resource, Allowed: c.want == allowed, Reason: d.Reason}
			if diff := cmp.Diff(want, d); diff != "" {
				t.Errorf("decision (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNotRecordedIsNo(t *testing.T) {
	t.Parallel()
	checker := access.NewChecker(&kept{full: true}, func() time.Time { return noon })
	actor := access.Actor{Kind: access.Secret, ID: "tok_1", Workspace: "ws_1"}
	if err := checker.Check(t.Context(), actor, access.DataRead, dataset("ws_1", "ds_1")); !problem.Is(err, problem.Unavailable) {
		t.Errorf("got %v, want a problem of code unavailable", err)
	}
}

// TestOutsideIsMissing holds the answer for another's thing to the one for a
// thing that is not there, word for word.
func TestOutsideIsMissing(t *testing.T) {
	t.Parallel()
	checker := access.NewChecker(&kept{}, func() time.Time { return noon })
	actor := access.Actor{Kind: access.Secret, ID: "tok_1", Workspace: "ws_1"}
	err := checker.Check(t.Context(), actor, access.DataRead, dataset("ws_2", "ds_1"))
	if diff := cmp.Diff(access.Missing("dataset", "ds_1"), problem.From(err)); diff != "" {
		t.Errorf("(-missing +outside):\n%s", diff)
	}
}

// TestNothingCrosses: whatever the actor, the scopes and the action, nothing but
// the service itself acts outside its workspace.
func TestNothingCrosses(t *testing.T) {
	t.Parallel()
	kinds := []access.Kind{access.Member, access.Secret, access.Publishable, access.Workload, access.Anonymous, ""}
	workspaces := []string{"", "ws_1", "ws_2"}
	rapid.Check(t, func(t *rapid.T) {
		actor := access.Actor{
			Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), ID: rapid.SampledFrom([]string{"", "x"}).Draw(t, "id"),
			Workspace: rapid.SampledFrom(workspaces).Draw(t, "workspace"),
			Scopes:    []access.Scope{{Action: rapid.SampledFrom(access.Actions()).Draw(t, "scope"), Dataset: "*"}},
		}
		resource := access.Resource{Workspace: rapid.SampledFrom(workspaces).Draw(t, "resource"), Kind: "dataset", ID: "ds_1"}
		action := rapid.SampledFrom(access.Actions()).Draw(t, "action")
		err := access.NewChecker(&kept{}, func() time.Time { return noon }).Check(context.Background(), actor, action, resource)
		if err == nil && (actor.Workspace == "" || actor.Workspace != resource.Workspace) {
			t.Fatalf("%+v was allowed %s on %+v", actor, action, resource)
		}
	})
}
