package token_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/access/accesstest"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/token"
	"github.com/windlass-io/windlass/internal/workspace"
)

type discard struct{}

func (discard) Record(context.Context, access.Decision) error { return nil }

type fixture struct {
	*token.Service
	store     *store.Store
	people    *workspace.Service
	now       time.Time
	workspace string
	owner     access.Actor
}

func open(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{store: storetest.Open(t), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	clock := func() time.Time { return f.now }
	checker := access.NewChecker(discard{}, clock)
	f.people = workspace.New(workspace.Config{
		Store: f.store, Checker: checker, Now: clock, Home: "home",
		Changed: func() { f.Forget() },
	})
	f.workspace = storetest.Workspace(t, f.store, "demo")
	f.owner = f.join(t, "owner@example.com", access.Owner)
	f.Service = f.on(f.store)
	return f
}

// on returns a service over a store.
func (f *fixture) on(kept token.Store) *token.Service {
	clock := func() time.Time { return f.now }
	return token.New(token.Config{
		Checker: access.NewChecker(discard{}, clock), Store: kept, Members: f.people, Now: clock,
		Dataset: func(_ context.Context, _, name string) (string, error) {
			if name != "prices" {
				return "", problem.New(problem.NotFound, "There is no dataset %q.", name)
			}
			return "ds_prices", nil
		},
	})
}

// join adds a member and returns them as an actor.
func (f *fixture) join(t testing.TB, email string, role access.Role) access.Actor {
	t.Helper()
	setup := access.Actor{Kind: access.System, ID: access.Setup}
	m, err := f.people.AddMember(t.Context(), setup, f.workspace, workspace.NewMember{Email: email, Role: role})
	if err != nil {
		t.Fatal(err)
	}
	return accesstest.Fresh(m.Actor())
}

// mint creates a token that has to be created.
func (f *fixture) mint(t testing.TB, actor access.Actor, draft token.Draft) (token.Token, access.Actor, string) {
	t.Helper()
	made, text, err := f.Mint(t.Context(), actor, f.workspace, draft)
	if err != nil {
		t.Fatal(err)
	}
	as, err := f.Authenticate(t.Context(), text.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	return made, as, text.Reveal()
}

func TestLife(t *testing.T) {
	t.Parallel()
	f := open(t)
	made, text, err := f.Mint(t.Context(), f.owner, f.workspace, token.Draft{
		Kind: token.Publishable, Name: "site", Scopes: []access.Scope{{Action: access.DataRead, Dataset: "prices"}},
		ExpiresAt: f.now.Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	if !token.WellFormed(text.Reveal()) || !strings.HasPrefix(text.Reveal(), "pk_") || !strings.HasSuffix(text.Reveal(),
		made.Tail) {
		t.Errorf("minted %q with tail %q", text.Reveal(), made.Tail)
	}
	actor, err := f.Authenticate(t.Context(), text.Reveal())
	want := access.Actor{
		Kind: access.Publishable, ID: made.ID, Name: "site", Workspace: f.workspace,
		Member: f.owner.ID, Role: access.Owner, Token: made.ID,
		Scopes: []access.Scope{{Action: access.DataRead, Dataset: "ds_prices"}},
	}
	if actor.Pages == nil || !actor.Pages.AllowsEvery() {
		t.Error("pages of some origins may not use it")
	}
	actor.Pages = nil
	if diff := cmp.Diff(want, actor); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	listed, err := f.List(t.Context(), f.owner, f.workspace, paging.Request{})
	if err != nil || len(listed.Items) != 1 || listed.Items[0].UsedAt.IsZero() {
		t.Errorf("listed %+v: %v", listed, err)
	}
	if err := f.Revoke(t.Context(), f.owner, f.workspace, made.ID, impact.Waived()); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Authenticate(t.Context(), text.Reveal()); !problem.Is(err, problem.Unauthenticated) {
		t.Errorf("a revoked token: %v", err)
	}
}

func TestExpiryCountsWhileCached(t *testing.T) {
	t.Parallel()
	f := open(t)
	_, text, err := f.Mint(t.Context(), f.owner, f.workspace,
		token.Draft{Kind: token.Secret, Name: "ci", ExpiresAt: f.now.Add(5 * time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Authenticate(t.Context(), text.Reveal()); err != nil {
		t.Fatal(err)
	}
	f.now = f.now.Add(5 * time.Second)
	if _, err := f.Authenticate(t.Context(), text.Reveal()); !problem.Is(err, problem.Unauthenticated) {
		t.Errorf("an expired token: %v", err)
	}
}

// meanwhile is a store that calls a function after it has read a token and
// before it returns.
type meanwhile struct {
	*store.Store
	happens func()
}

func (m meanwhile) TokenByHash(ctx context.Context, hash token.Hash) (token.Token, error) {
	found, err := m.Store.TokenByHash(ctx, hash)
	m.happens()
	return found, err
}

// TestRevokedMeanwhile: a token that is revoked while it is being looked up is
// not remembered as good.
func TestRevokedMeanwhile(t *testing.T) {
	t.Parallel()
	f := open(t)
	made, text, err := f.Mint(t.Context(), f.owner, f.workspace, token.Draft{Kind: token.Secret, Name: "ci"})
	if err != nil {
		t.Fatal(err)
	}
	var service *token.Service
	service = f.on(meanwhile{f.store, func() {
		if err := service.Revoke(t.Context(), f.owner, f.workspace, made.ID, impact.Waived()); err != nil {
			t.Error(err)
		}
	}})
	_, _ = service.Authenticate(t.Context(), text.Reveal()) // it was valid when it was read
	if _, err := service.Authenticate(t.Context(), text.Reveal()); !problem.Is(err, problem.Unauthenticated) {
		t.Errorf("a revoked token: %v", err)
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	f := open(b)
	_, text, err := f.Mint(b.Context(), f.owner, f.workspace, token.Draft{Kind: token.Secret, Name: "ci"})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Authenticate(b.Context(), text.Reveal()); err != nil {
			b.Fatal(err)
		}
	}
}

func TestUnknownTokensAnswerAlike(t *testing.T) {
	t.Parallel()
	f := open(t)
	want := ""
	for _, text := range []string{
		"sk_" + strings.Repeat("0", 32), "sk_", "", "pk_" + strings.Repeat("g", 32),
		strings.Repeat("x", 10_000),
	} {
		_, err := f.Authenticate(t.Context(), text)
		if !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("%.40q: %v", text, err)
		}
		if want == "" {
			want = err.Error()
		}
		if err.Error() != want {
			t.Errorf("%.40q answers %q, another %q", text, err, want)
		}
	}
}

func TestDraftsRefused(t *testing.T) {
	t.Parallel()
	f := open(t)
	read := []access.Scope{{Action: access.DataRead, Dataset: "*"}}
	for name, tc := range map[string]struct {
		draft token.Draft
		code  problem.Code
	}{
		"kind":   {token.Draft{Kind: "root", Name: "a"}, problem.Invalid},
		"name":   {token.Draft{Kind: token.Secret}, problem.Invalid},
		"member": {token.Draft{Kind: token.Secret, Name: "a", Member: f.owner.ID}, problem.Invalid},
		"six years": {
			token.Draft{Kind: token.Secret, Name: "a", ExpiresAt: f.now.AddDate(6, 0, 0)},
			problem.Invalid,
		},
		"unknown scope": {token.Draft{
			Kind: token.Secret, Name: "a",
			Scopes: []access.Scope{{Action: access.TokenCreate}},
		}, problem.Invalid},
		"no such name": {token.Draft{
			Kind: token.Secret, Name: "a",
			Scopes: []access.Scope{{Action: access.DataRead}},
		}, problem.Invalid},
		"publishable": {token.Draft{
			Kind: token.Publishable, Name: "a",
			Scopes: append(read, access.Scope{Action: access.ScopeLoad}),
		}, problem.Invalid},
		"personal never": {token.Draft{Kind: token.Personal, Name: "a", Never: true}, problem.Invalid},
		"no scopes":      {token.Draft{Kind: token.Publishable, Name: "a"}, problem.Invalid},
		"write": {token.Draft{
			Kind: token.Publishable, Name: "a",
			Scopes: []access.Scope{{Action: access.DataWrite, Dataset: "*"}},
		}, problem.Invalid},
		"past": {token.Draft{Kind: token.Secret, Name: "a", ExpiresAt: f.now}, problem.Invalid},
		"metrics of an owner who is no operator": {token.Draft{
			Kind: token.Secret, Name: "a", Scopes: []access.Scope{{Action: access.ScopeMetrics}},
		}, problem.Invalid},
		"no dataset": {token.Draft{
			Kind: token.Publishable, Name: "a",
			Scopes: []access.Scope{{Action: access.DataRead, Dataset: "nope"}},
		}, problem.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := f.Mint(t.Context(), f.owner, f.workspace, tc.draft); !problem.Is(err, tc.code) {
				t.Errorf("got %v, want %s", err, tc.code)
			}
		})
	}
}

func TestAnotherWorkspaceSeesNothing(t *testing.T) {
	t.Parallel()
	f := open(t)
	made, _, err := f.Mint(t.Context(), f.owner, f.workspace, token.Draft{Kind: token.Secret, Name: "ci"})
	if err != nil {
		t.Fatal(err)
	}
	stranger := access.Actor{
		Kind: access.Secret, ID: "tok_x", Workspace: "ws_other", Member: "mem_1",
		Role: access.Owner, Scopes: append(access.AllScopes(), access.Scope{Action: access.ScopeAudit}),
	}
	if err := f.Revoke(t.Context(), stranger, f.workspace, made.ID, impact.Waived()); !problem.Is(err,
		problem.NotFound) {
		t.Errorf("revoking another's token: %v", err)
	}
	if err := f.Revoke(t.Context(), stranger, "ws_other", made.ID, impact.Waived()); !problem.Is(err,
		problem.NotFound) {
		t.Errorf("revoking it under one's own workspace: %v", err)
	}
}

func FuzzWellFormed(f *testing.F) {
	f.Add("sk_0123456789abcdef0123456789abcdef")
	f.Add("pk_")
	f.Fuzz(func(t *testing.T, text string) {
		if token.WellFormed(text) && len(text) != 35 {
			t.Errorf("%q is well-formed", text)
		}
	})
}
