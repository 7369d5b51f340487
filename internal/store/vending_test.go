package store_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

var vendedAt = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// vendingWorkspaces creates two workspaces, the first with an integration.
func vendingWorkspaces(t *testing.T, s *store.Store) (mine, theirs string) {
	t.Helper()
	for _, id := range []string{"ws_1", "ws_2"} {
		if _, err := s.DB().ExecContext(t.Context(), "INSERT INTO workspace (id, name, created_at) VALUES ($1, $1, 0)",
			id); err != nil {
			t.Fatal(err)
		}
	}
	err := s.InsertIntegration(t.Context(), integration.Integration{
		ID: "int_1", Workspace: "ws_1", Name: "acme",
		State: integration.Verified, ExternalID: assume.ExternalID(strings.Repeat("0", 32)), CreatedAt: vendedAt,
	})
	if err != nil {
		t.Fatal(err)
	}
	return "ws_1", "ws_2"
}

func TestSpendToken(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mine, theirs := vendingWorkspaces(t, s)
		spent := vending.Spent{
			Workspace: mine, Fingerprint: strings.Repeat("ab", 32), Most: 2,
			Until: vendedAt.Add(time.Hour), Now: vendedAt,
		}
		for i, want := range []error{nil, nil, vending.ErrSpent, vending.ErrSpent} {
			if err := s.SpendToken(t.Context(), spent); !errors.Is(err, want) {
				t.Errorf("exchange %d: %v, want %v", i+1, err, want)
			}
		}
		if n, err := s.TokenSpent(t.Context(), mine, spent.Fingerprint); n != 2 || err != nil {
			t.Errorf("spent %d times, %v", n, err)
		}
		if _, err := s.TokenSpent(t.Context(), theirs, spent.Fingerprint); !problem.Is(err, problem.NotFound) {
			t.Errorf("in another workspace: %v", err)
		}
		other := spent
		other.Workspace = theirs
		if err := s.SpendToken(t.Context(), other); err != nil {
			t.Errorf("in another workspace: %v", err)
		}
		// One in 256 tokens triggers a cleanup, which removes no valid one.
		forgetful := vending.Spent{
			Workspace: mine, Fingerprint: "00" + strings.Repeat("1", 62), Most: 1,
			Until: vendedAt.Add(3 * time.Hour), Now: vendedAt.Add(time.Minute),
		}
		if err := s.SpendToken(t.Context(), forgetful); err != nil {
			t.Fatal(err)
		}
		if err := s.SpendToken(t.Context(), spent); !errors.Is(err, vending.ErrSpent) {
			t.Errorf("a token that lives was forgotten: %v", err)
		}
		forgetful.Fingerprint, forgetful.Now = "00"+strings.Repeat("2", 62), vendedAt.Add(2*time.Hour)
		if err := s.SpendToken(t.Context(), forgetful); err != nil {
			t.Fatal(err)
		}
		if _, err := s.TokenSpent(t.Context(), mine, spent.Fingerprint); !problem.Is(err, problem.NotFound) {
			t.Errorf("a token that is over is still there: %v", err)
		}
	})
}

// Of many concurrent exchanges of one token, exactly as many as allowed succeed.
func TestSpendTokenAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mine, _ := vendingWorkspaces(t, s)
		var through atomic.Int64
		var wait sync.WaitGroup
		for range 16 {
			wait.Go(func() {
				err := s.SpendToken(t.Context(), vending.Spent{
					Workspace: mine, Fingerprint: strings.Repeat("cd", 32),
					Most: 3, Until: vendedAt.Add(time.Hour), Now: vendedAt,
				})
				if err == nil {
					through.Add(1)
				}
			})
		}
		wait.Wait()
		if n := through.Load(); n < 1 || n > 3 || s.SpendToken(t.Context(),
			vending.Spent{
				Workspace: mine, Fingerprint: strings.Repeat("cd", 32), Most: int(n), Until: vendedAt,
				Now: vendedAt,
			}) == nil {
			t.Errorf("%d got through", n)
		}
	})
}

func TestProvidersAndGrants(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mine, theirs := vendingWorkspaces(t, s)
		p := provider.Provider{
			ID: "prv_00000000000000000000000001", Workspace: mine, Name: "circleci", Kind: provider.CircleCI,
			Issuer: "https://oidc.circleci.com/org/x", JWKSURL: "https://oidc.circleci.com/org/x/keys",
			Audience: "x", Algorithms: []string{"RS256", "ES256"}, MaxAge: time.Hour, Shared: true, Organization: "x",
			Version: 1, CreatedAt: vendedAt,
			Claims: []provider.Claim{
				{Name: "a/b", Kind: idtoken.List, Role: provider.Context, Unchanging: true},
				{Name: "c", Kind: idtoken.String, From: "sub", Form: "org/{}"},
			},
			Guards: []provider.Guard{{
				Flag: provider.Forks, Claim: "a/b", Values: []string{"x"},
				Prefixes: []string{"y"}, Contains: ":", Required: true,
			}},
		}
		if err := s.InsertProvider(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{p.ID, p.Name} {
			got, err := s.Provider(t.Context(), mine, key)
			if diff := cmp.Diff(p, got); diff != "" || err != nil {
				t.Errorf("provider (-want +got)\n%s%v", diff, err)
			}
			if _, err := s.Provider(t.Context(), theirs, key); !problem.Is(err, problem.NotFound) {
				t.Errorf("another workspace's: %v", err)
			}
		}
		twin := p
		twin.ID = "prv_00000000000000000000000002"
		if err := s.InsertProvider(t.Context(), twin); !problem.Is(err, problem.Conflict) {
			t.Errorf("the same name: %v", err)
		}
		twin.Workspace = theirs
		if err := s.InsertProvider(t.Context(), twin); err != nil {
			t.Errorf("the same name in another workspace: %v", err)
		}
		if found, err := s.ProvidersOf(t.Context(), p.Issuer); len(found) != 2 || err != nil {
			t.Errorf("%d of the issuer, %v", len(found), err)
		}
		if found, err := s.ProvidersOf(t.Context(), p.Issuer+"/"); len(found) != 0 || err != nil {
			t.Errorf("%d of another issuer, %v", len(found), err)
		}
		g := grant.Grant{
			ID: "grt_00000000000000000000000001", Workspace: mine, Name: "app", Provider: p.ID, Integration: "int_1",
			Bucket: "acme-data", Prefixes: []string{"ci/${user}/"},
			Conditions: []grant.Condition{{Claim: "a/b", Operator: grant.OneOf, Values: []string{"x", "ü"}}},
			Actions:    grant.Actions(), MaxDuration: 2 * time.Hour, Exchanges: 3,
			NotBefore: vendedAt, NotAfter: vendedAt.Add(time.Hour), AllowForks: true, AllowSSHReruns: true,
			AllowPullRequests: true, Users: []string{"u"}, Tags: []string{"c"}, Version: 1, CreatedAt: vendedAt,
		}
		if err := s.InsertGrant(t.Context(), g); err != nil {
			t.Fatal(err)
		}
		got, err := s.Grant(t.Context(), mine, "app")
		if diff := cmp.Diff(g, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("grant (-want +got)\n%s%v", diff, err)
		}
		needed, err := s.IntegrationDependents(t.Context(), mine, "int_1")
		if diff := cmp.Diff([]impact.Stop{{Kind: "grant", ID: g.ID, Name: "app"}}, needed); diff != "" || err != nil {
			t.Errorf("dependents (-want +got)\n%s%v", diff, err)
		}
		changed := g
		changed.RevokedAt, changed.Version = vendedAt.Add(time.Minute), 2
		if err := s.SaveGrant(t.Context(), changed); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveGrant(t.Context(), changed); !problem.Is(err, problem.Conflict) {
			t.Errorf("saved twice: %v", err)
		}
		if _, err := s.Grant(t.Context(), mine, "app"); !problem.Is(err, problem.NotFound) {
			t.Errorf("a revoked one by its name: %v", err)
		}
		if got, err := s.Grant(t.Context(), mine, g.ID); err != nil || got.RevokedAt.IsZero() {
			t.Errorf("a revoked one by its ID: %+v %v", got, err)
		}
		if found, err := s.GrantsOf(t.Context(), mine, p.ID); len(found) != 0 || err != nil {
			t.Errorf("revoked grants are given: %v %v", found, err)
		}
		if ids, err := s.VendingIntegrations(t.Context(), mine, p.ID); len(ids) != 1 || err != nil {
			t.Errorf("vended from %v, %v", ids, err)
		}
	})
}

func TestRevocations(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mine, theirs := vendingWorkspaces(t, s)
		user := vending.Revocation{
			ID: "rev_1", Workspace: mine, Kind: vending.OfUser, Subject: "u", Provider: "prv_1",
			CreatedAt: vendedAt,
		}
		for _, r := range []vending.Revocation{user, {
			ID: "rev_2", Workspace: mine, Kind: vending.OfGrant,
			Subject: "grt_1", CreatedAt: vendedAt,
		}} {
			if err := s.InsertRevocation(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		revoked := func(workspace, subject, providerID string) bool {
			found, err := s.Revoked(t.Context(), workspace, vending.OfUser, subject, providerID)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		if !revoked(mine, "u", "prv_1") || revoked(theirs, "u", "prv_1") || revoked(mine, "u", "prv_2") ||
			revoked(mine, "U", "prv_1") {
			t.Error("another is revoked")
		}
		found, err := s.ListRevocations(t.Context(), mine, paging.Request{})
		if err != nil || len(found.Items) != 2 || found.Items[0] != user {
			t.Errorf("listed %+v %v", found, err)
		}
		if err := s.UndoRevocation(t.Context(), theirs, "rev_1", vendedAt); !problem.Is(err, problem.NotFound) {
			t.Errorf("undone by another workspace: %v", err)
		}
		if err := s.UndoRevocation(t.Context(), mine, "rev_2", vendedAt); !problem.Is(err, problem.NotFound) {
			t.Errorf("a grant's undone: %v", err)
		}
		if err := s.UndoRevocation(t.Context(), mine, "rev_1", vendedAt); err != nil || revoked(mine, "u", "prv_1") {
			t.Errorf("not undone: %v", err)
		}
	})
}
