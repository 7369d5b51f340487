package node_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/node"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// newMember returns a node that shares a state with others.
func newMember(state *store.Store, self node.Node, now func() time.Time) *node.Member {
	return node.New(node.Config{
		Store: state, Self: self, Shared: true, Logger: slog.New(slog.DiscardHandler), Now: now,
	})
}

func self(name string) node.Node {
	return node.Node{
		ID: "node_" + name, Name: name, Version: "1.4.0", Address: "http://" + name + ":8080",
		Rows: "files on " + name + " in /srv/rows",
	}
}

// TestJoin starts a second node alongside a running one, in every combination.
func TestJoin(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*node.Node)
		clock  time.Duration
		want   string // in the refusal; empty: it joins
	}{
		"other rows": {nil, 0, "Another node serves this state: a at http://a:8080, seen 0s ago. Its rows are in files on a in /srv/rows"},
		"the same folder, whose lock decides": {
			func(n *node.Node) { n.Rows = self("a").Rows }, 0, "",
		},
		"one minor release later": {
			func(n *node.Node) { n.Rows, n.Version = self("a").Rows, "v1.5.2" }, 0, "",
		},
		"two minor releases later": {
			func(n *node.Node) { n.Rows, n.Version = self("a").Rows, "1.6.0" }, 0,
			"This node has version 1.6.0, and the node a has version 1.4.0",
		},
		"another major release": {
			func(n *node.Node) { n.Rows, n.Version = self("a").Rows, "2.4.0" }, 0, "version 2.4.0",
		},
		"a version without a number": {
			func(n *node.Node) { n.Rows, n.Version = self("a").Rows, "dev" }, 0, "",
		},
		"a clock that is behind": {
			func(n *node.Node) { n.Rows = self("a").Rows }, -time.Minute, "The clock of this machine is 1m0s away",
		},
		"a clock that is ahead": {
			func(n *node.Node) { n.Rows = self("a").Rows }, time.Hour, "away from the state database's",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, state *store.Store) {
				if err := newMember(state, self("a"), time.Now).Join(t.Context()); err != nil {
					t.Fatal(err)
				}
				second := self("b")
				if c.change != nil {
					c.change(&second)
				}
				clock := func() time.Time { return time.Now().Add(c.clock) }
				err := newMember(state, second, clock).Join(t.Context())
				if c.want == "" && err != nil || c.want != "" && (!problem.Is(err, problem.Conflict) ||
					!strings.Contains(problem.From(err).Message, c.want)) {
					t.Errorf("joining: %v, want %q", err, c.want)
				}
			})
		})
	}
}

// TestJoinAfter lets a node start after another one ended, or was lost.
func TestJoinAfter(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, state *store.Store) {
		first := newMember(state, self("a"), time.Now)
		if err := first.Join(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := first.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		second := newMember(state, self("b"), time.Now)
		if err := second.Join(t.Context()); err != nil {
			t.Fatalf("joining after the other left: %v", err)
		}
		if _, err := state.DB().ExecContext(t.Context(), "UPDATE node SET seen_at = seen_at - 20000000"); err != nil {
			t.Fatal(err)
		}
		if err := newMember(state, self("c"), time.Now).Join(t.Context()); err != nil {
			t.Fatalf("joining after the other was lost: %v", err)
		}
		all, now, err := state.Nodes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		states := map[string]node.State{}
		for i := range all {
			states[all[i].Name] = all[i].StateAt(now)
		}
		if states["a"] != node.Ended || states["b"] != node.Gone || states["c"] != node.Live {
			t.Errorf("states %v", states)
		}
	})
}

// TestNow returns the time of the database, whatever this machine's clock shows, and
// follows it.
func TestNow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, state *store.Store) {
		off := 8 * time.Second
		member := newMember(state, self("a"), func() time.Time { return time.Now().Add(off) })
		if err := member.Join(t.Context()); err != nil {
			t.Fatal(err)
		}
		if wrong := time.Since(member.Now()).Abs(); wrong > 2*time.Second {
			t.Errorf("the time is %s away from the database's", wrong)
		}
	})
}

// TestNowAlone returns the machine's time if no other machine uses the state.
func TestNowAlone(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 2, 29, 12, 30, 0, 0, time.UTC)
	member := node.New(node.Config{
		Store: storetest.Open(t), Self: self("a"), Logger: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return at },
	})
	if err := member.Join(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !member.Now().Equal(at) {
		t.Errorf("the time is %s, want %s", member.Now(), at)
	}
}
