package security_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/security"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// desk is a log, its service, and a clock that is moved by hand.
type desk struct {
	*security.Log
	service *security.Service
	store   *store.Store
	at      time.Time
	seen    int
}

// anyone allows everything to the members of the workspace.
type anyone struct{}

func (anyone) Check(_ context.Context, actor access.Actor, _ access.Action, resource access.Resource) error {
	if actor.Workspace != resource.Workspace {
		return access.Missing("workspace", resource.Workspace)
	}
	return nil
}

func open(s *store.Store) *desk {
	d := &desk{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), store: s}
	now := func() time.Time { return d.at }
	d.Log = security.NewLog(security.LogConfig{
		Store: s, Keep: 24 * time.Hour, Observe: func(*security.Event) { d.seen++ },
		Logger: slog.New(slog.DiscardHandler), Now: now,
	})
	d.service = security.New(security.Config{
		Checker: anyone{}, Reader: s, Log: d.Log, Home: func(context.Context) (string, error) { return "ws_home", nil },
	})
	return d
}

var operator = access.Actor{Kind: access.Member, ID: "mem_1", Workspace: "ws_home", Role: access.Owner}

func (d *desk) list(t *testing.T, workspace string, filter security.Filter) []security.Entry {
	t.Helper()
	actor := operator
	if workspace != "" {
		actor.Workspace = workspace
	}
	found, err := d.service.List(t.Context(), actor, workspace, filter, paging.Request{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return found.Items
}

// rows returns the counts of all stored entries, also of those that later ones
// replaced.
func (d *desk) rows(t *testing.T) []int64 {
	t.Helper()
	entries, _, err := d.store.SecurityChain(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	counts := []int64{}
	for _, e := range entries {
		counts = append(counts, e.Count)
	}
	return counts
}

func (d *desk) flush(t *testing.T) {
	t.Helper()
	if err := d.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestSecurityLogFolds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		d := open(s)
		event := security.Event{
			Kind: security.SignInFailed, Address: "192.0.2.1", Subject: "mem_9", Workspace: "ws_a",
			Reason: "The password is wrong.",
		}
		for range 1234 {
			d.Record(t.Context(), event)
			d.flush(t)
		}
		if diff := cmp.Diff([]int64{1, 10, 100, 1000}, d.rows(t)); diff != "" {
			t.Errorf("stored counts (-want +got):\n%s", diff)
		}
		d.at = d.at.Add(10 * time.Minute)
		d.flush(t)
		found := d.list(t, "", security.Filter{})
		if len(found) != 1 || found[0].Count != 1234 || !found[0].Last.Equal(found[0].First) ||
			found[0].Address != "192.0.2.1" {
			t.Errorf("listed %+v", found)
		}
		d.Record(t.Context(), event)
		if found := d.list(t, "", security.Filter{}); len(found) != 2 || found[0].Count != 1 {
			t.Errorf("after the window: %+v", found)
		}
		if d.seen != 1235 {
			t.Errorf("%d events were counted, want 1235", d.seen)
		}
		report, err := d.service.Verify(t.Context(), operator)
		if err != nil || report.Broken != 0 || report.Entries != 6 {
			t.Errorf("the chain: %+v, %v", report, err)
		}
	})
}

func TestSecurityLogKeepsApart(t *testing.T) {
	t.Parallel()
	d := open(storetest.Open(t))
	for _, e := range []security.Event{
		{Kind: security.TokenUnknown, Address: "2001:db8:1:2::1"},
		{Kind: security.TokenUnknown, Address: "2001:db8:1:2:ffff::9"}, // one /64
		{Kind: security.TokenUnknown, Address: "2001:db8:1:3::1"},
		{Kind: security.TokenUnknown, Address: "::ffff:192.0.2.1"},
		{Kind: security.TokenUnknown, Address: "192.0.2.1"},
		{Kind: security.TokenUnknown, Address: "192.0.2.2"},
		{Kind: security.TokenEnded, Address: "192.0.2.2", Subject: "tok_1"},
		{Kind: security.TokenEnded, Address: "192.0.2.2", Subject: "tok_2"},
	} {
		d.Record(t.Context(), e)
	}
	got := map[string]int64{}
	for _, e := range d.list(t, "", security.Filter{}) {
		got[string(e.Kind)+" "+e.Address+" "+e.Subject] = e.Count
	}
	want := map[string]int64{
		"token.unknown 2001:db8:1:2::/64 ": 2, "token.unknown 2001:db8:1:3::/64 ": 1, "token.unknown 192.0.2.1 ": 2,
		"token.unknown 192.0.2.2 ":    1,
		"token.ended 192.0.2.2 tok_1": 1, "token.ended 192.0.2.2 tok_2": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

// TestSecurityLogFlood opens more windows than the limit of open ones.
func TestSecurityLogFlood(t *testing.T) {
	t.Parallel()
	d := open(storetest.Open(t))
	const windows, events = 10_000, 10_500
	for i := range events {
		d.Record(t.Context(), security.Event{
			Kind:    security.SignInFailed,
			Address: fmt.Sprintf("10.1.%d.%d", i/256, i%256),
		})
	}
	if err := d.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	found := d.list(t, "", security.Filter{Address: security.Many})
	if len(found) != 1 || found[0].Count != events-windows {
		t.Errorf("beyond the open windows: %+v", found)
	}
}

func TestSecurityLogFilters(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		d := open(s)
		start := d.at
		for _, e := range []security.Event{
			{Kind: security.SignInFailed, Address: "192.0.2.1", Workspace: "ws_a"},
			{Kind: security.TokenUnknown, Address: "192.0.2.1"},
			{Kind: security.SignInFailed, Address: "2001:db8::1", Workspace: "ws_b"},
		} {
			d.Record(t.Context(), e)
			d.flush(t)
			d.at = d.at.Add(time.Hour)
		}
		for name, c := range map[string]struct {
			workspace string
			filter    security.Filter
			want      int
		}{
			"all": {"", security.Filter{}, 3}, "one workspace": {"ws_a", security.Filter{}, 1},
			"another":               {"ws_c", security.Filter{}, 0},
			"kind":                  {"", security.Filter{Kind: security.SignInFailed}, 2},
			"address":               {"", security.Filter{Address: "192.0.2.1"}, 2},
			"an address of the /64": {"", security.Filter{Address: "2001:db8::77"}, 1},
			"the /64":               {"", security.Filter{Address: "2001:db8::/64"}, 1},
			"from":                  {"", security.Filter{From: start.Add(time.Minute)}, 2},
			"to":                    {"", security.Filter{To: start.Add(time.Hour)}, 1},
			"a workspace that isn't the caller's filter": {"ws_a", security.Filter{Workspace: "ws_b"}, 1},
		} {
			if got := d.list(t, c.workspace, c.filter); len(got) != c.want {
				t.Errorf("%s: %d entries, want %d: %+v", name, len(got), c.want, got)
			}
		}
		first, err := s.ListSecurity(t.Context(), security.Filter{}, paging.Request{Limit: 2})
		if err != nil || len(first.Items) != 2 || first.Next == "" {
			t.Fatalf("%+v %v", first, err)
		}
		rest, err := s.ListSecurity(t.Context(), security.Filter{}, paging.Request{Limit: 2, Cursor: first.Next})
		if err != nil || len(rest.Items) != 1 || rest.Items[0].Kind != security.SignInFailed {
			t.Errorf("the second page: %+v %v", rest, err)
		}
	})
}

// TestSecurityLogIsForOwners: owners of other workspaces don't see the instance.
func TestSecurityLogIsForOwners(t *testing.T) {
	t.Parallel()
	d := open(storetest.Open(t))
	owner := access.Actor{Kind: access.Member, ID: "mem_2", Workspace: "ws_a", Role: access.Owner}
	if _, err := d.service.List(t.Context(), owner, "", security.Filter{}, paging.Request{}); !problem.Is(err,
		problem.Forbidden) {
		t.Errorf("the instance: %v, want forbidden", err)
	}
	if _, err := d.service.List(t.Context(), owner, "ws_b", security.Filter{}, paging.Request{}); !problem.Is(err,
		problem.NotFound) {
		t.Errorf("another workspace: %v, want not_found", err)
	}
	if _, err := d.service.List(t.Context(), owner, "ws_a", security.Filter{Kind: "nonsense"},
		paging.Request{}); !problem.Is(err, problem.Invalid) {
		t.Errorf("an unknown kind: %v, want invalid", err)
	}
}

func TestSecurityLogIsPruned(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		d := open(s)
		for i := range 5 {
			d.Record(t.Context(), security.Event{Kind: security.LimitHit, Address: fmt.Sprintf("192.0.2.%d", i)})
			d.flush(t)
			d.at = d.at.Add(time.Hour)
		}
		if err := s.PruneSecurity(t.Context(), d.at.Add(-150*time.Minute)); err != nil {
			t.Fatal(err)
		}
		if found := d.list(t, "", security.Filter{}); len(found) != 2 {
			t.Errorf("%d entries are left, want 2", len(found))
		}
		if report, err := d.service.Verify(t.Context(), operator); err != nil || report.Broken != 0 ||
			report.Entries != 2 {
			t.Errorf("the chain after pruning: %+v, %v", report, err)
		}
		if err := s.PruneSecurity(t.Context(), d.at.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		d.Record(t.Context(), security.Event{Kind: security.LimitHit})
		if found := d.list(t, "", security.Filter{}); len(found) != 2 || found[0].Seq != 6 {
			t.Errorf("the chain goes on with %+v", found)
		}
	})
}

// TestSecurityLogTampered finds an entry that was changed in the database.
func TestSecurityLogTampered(t *testing.T) {
	t.Parallel()
	d := open(storetest.Open(t))
	for i := range 3 {
		d.Record(t.Context(), security.Event{Kind: security.SignInFailed, Address: fmt.Sprintf("192.0.2.%d", i)})
		d.flush(t)
	}
	if _, err := d.store.DB().ExecContext(t.Context(),
		`UPDATE security_event SET address = '198.51.100.1' WHERE seq = 2`); err != nil {
		t.Fatal(err)
	}
	if report, err := d.service.Verify(t.Context(), operator); err != nil || report.Broken != 2 || report.Entries != 1 {
		t.Errorf("%+v, %v; want entry 2 broken", report, err)
	}
}
