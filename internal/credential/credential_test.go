package credential_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/seal"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

type discard struct{}

func (discard) Record(context.Context, access.Decision) error { return nil }

const key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

func open(t *testing.T) (service *credential.Service, workspace string, owner access.Actor) {
	t.Helper()
	s := storetest.Open(t)
	sealer, err := seal.New(secret.New(strings.Repeat("0", 64)))
	if err != nil {
		t.Fatal(err)
	}
	workspace = storetest.Workspace(t, s, "demo")
	clock := func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
	service = credential.New(credential.Config{
		Checker: access.NewChecker(discard{}, clock), Store: s, Sealer: sealer,
		Now: clock,
	})
	return service, workspace, access.Actor{
		Kind: access.Member, ID: "mem_1", Workspace: workspace, Member: "mem_1",
		Role: access.Owner,
	}
}

func TestLife(t *testing.T) {
	t.Parallel()
	service, ws, owner := open(t)
	made, err := service.Add(t.Context(), owner, ws,
		credential.Draft{Name: "legacy", AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: secret.New(key)})
	if err != nil {
		t.Fatal(err)
	}
	listed, err := service.List(t.Context(), owner, ws, paging.Request{})
	if err != nil || len(listed.Items) != 1 {
		t.Fatalf("listed %v: %v", listed, err)
	}
	if shown := fmt.Sprintf("%v %+v %#v", made, listed, listed) + string(made.Sealed); strings.Contains(shown, key) {
		t.Error("the secret access key is shown")
	}
	reach, err := service.Access(t.Context(), owner, ws, made.ID, "customer-data")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := reach.Keys(t.Context())
	if err != nil || keys.AccessKeyID != "AKIAIOSFODNN7EXAMPLE" || keys.SecretAccessKey.Reveal() != key {
		t.Errorf("keys %v: %v", keys, err)
	}
	if err := service.Remove(t.Context(), owner, ws, "legacy", impact.Confirmed("")); err != nil {
		t.Fatal(err)
	}
	if _, err := reach.Keys(t.Context()); !problem.Is(err, problem.NotFound) {
		t.Errorf("keys after removal: %v", err)
	}
}

func TestDraftsRefused(t *testing.T) {
	t.Parallel()
	service, ws, owner := open(t)
	good := credential.Draft{Name: "a", AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: secret.New(key)}
	for path, spoil := range map[string]func(*credential.Draft){
		"name":              func(d *credential.Draft) { d.Name = "a\nb" },
		"access_key_id":     func(d *credential.Draft) { d.AccessKeyID = "ASIAIOSFODNN7EXAMPLE" },
		"secret_access_key": func(d *credential.Draft) { d.SecretAccessKey = secret.New("a b c d e f") },
		"region":            func(d *credential.Draft) { d.Region = "eu west" },
		"endpoint":          func(d *credential.Draft) { d.Endpoint = "http://169.254.169.254" },
	} {
		draft := good
		spoil(&draft)
		_, err := service.Add(t.Context(), owner, ws, draft)
		e := problem.From(err)
		if e.Code != problem.Invalid || len(e.Findings) != 1 || e.Findings[0].Path != path {
			t.Errorf("%s: %v %v", path, err, e.Findings)
		}
		if strings.Contains(fmt.Sprint(err, e.Findings), draft.SecretAccessKey.Reveal()) {
			t.Errorf("%s: the error shows the secret", path)
		}
	}
}

func TestAnotherWorkspaceSeesNothing(t *testing.T) {
	t.Parallel()
	service, ws, owner := open(t)
	made, err := service.Add(t.Context(), owner, ws, credential.Draft{
		AccessKeyID:     "AKIAIOSFODNN7EXAMPLE",
		SecretAccessKey: secret.New(key),
	})
	if err != nil {
		t.Fatal(err)
	}
	stranger := access.Actor{
		Kind: access.Secret, ID: "tok_x", Workspace: "ws_other", Member: "mem_1",
		Role: access.Owner, Scopes: append(access.AllScopes(), access.Scope{Action: access.ScopeAudit}),
	}
	if _, err := service.Access(t.Context(), stranger, ws, made.ID, "b"); !problem.Is(err, problem.NotFound) {
		t.Errorf("another's access key: %v", err)
	}
	if _, err := service.Access(t.Context(), stranger, "ws_other", made.ID, "b"); !problem.Is(err, problem.NotFound) {
		t.Errorf("it under one's own workspace: %v", err)
	}
}

// TestRewrap: after a walk with both master keys, the new one alone opens every
// access key of every workspace.
func TestRewrap(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		clock := func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
		under := func(keys ...string) *credential.Service {
			for i := range keys {
				keys[i] = strings.Repeat(keys[i], 64)
			}
			sealer, err := seal.New(secret.New(strings.Join(keys, ",")))
			if err != nil {
				t.Fatal(err)
			}
			return credential.New(credential.Config{
				Checker: access.NewChecker(discard{}, clock), Store: s,
				Sealer: sealer, Now: clock,
			})
		}
		var actors []access.Actor
		for _, name := range []string{"one", "two"} {
			actor := access.Actor{
				Kind: access.Member, ID: "mem_1", Workspace: storetest.Workspace(t, s, name),
				Member: "mem_1", Role: access.Owner,
			}
			actors = append(actors, actor)
			_, err := under("1").Add(t.Context(), actor, actor.Workspace,
				credential.Draft{Name: "legacy", AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: secret.New(key)})
			if err != nil {
				t.Fatal(err)
			}
		}
		setup := access.Actor{Kind: access.System, ID: access.Setup}
		for _, want := range []int{2, 0} {
			if n, err := under("2", "1").Rewrap(t.Context(), setup); n != want || err != nil {
				t.Errorf("%d rewrapped, %v; want %d", n, err, want)
			}
		}
		for _, actor := range actors {
			reach, err := under("2").Access(t.Context(), actor, actor.Workspace, "legacy", "customer-data")
			if err != nil {
				t.Fatal(err)
			}
			if keys, err := reach.Keys(t.Context()); err != nil || keys.SecretAccessKey.Reveal() != key {
				t.Errorf("under the new key: %v", err)
			}
		}
		if _, err := under("3").Rewrap(t.Context(), setup); err == nil {
			t.Error("without the key they are under, they were rewrapped")
		}
	})
}

// recorded stores the last decision.
type recorded struct{ access.Decision }

func (r *recorded) Record(_ context.Context, decision access.Decision) error {
	r.Decision = decision
	return nil
}

// TestTheDecisionNamesTheNewKey checks that the decision recorded before a
// new key exists has the key's ID, so that it can be found.
func TestTheDecisionNamesTheNewKey(t *testing.T) {
	t.Parallel()
	s, last := storetest.Open(t), &recorded{}
	sealer, err := seal.New(secret.New(strings.Repeat("0", 64)))
	if err != nil {
		t.Fatal(err)
	}
	ws := storetest.Workspace(t, s, "demo")
	clock := func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
	service := credential.New(credential.Config{
		Checker: access.NewChecker(last, clock), Store: s, Sealer: sealer,
		Now: clock,
	})
	made, err := service.Add(t.Context(), access.Actor{
		Kind: access.Member, ID: "mem_1", Workspace: ws, Member: "mem_1",
		Role: access.Owner,
	}, ws, credential.Draft{
		AccessKeyID:     "AKIAIOSFODNN7EXAMPLE",
		SecretAccessKey: secret.New(key),
	})
	if err != nil || last.Resource.ID != made.ID {
		t.Errorf("the decision is on %q, the key is %q: %v", last.Resource.ID, made.ID, err)
	}
}
