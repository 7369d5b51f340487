package node_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/node"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

var operator = access.Actor{
	Kind: access.Member, ID: "mem_1", Member: "mem_1", Role: access.Owner, Operator: true, Workspace: "ws_1",
}

// TestDrain drains a node and lets it resume, as an operator and as others.
func TestDrain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, state *store.Store) {
		service := node.NewService(access.NewChecker(audit.NewRecorder(state), time.Now), state)
		member := newMember(state, self("a"), time.Now)
		if err := member.Join(t.Context()); err != nil {
			t.Fatal(err)
		}
		other := operator
		other.Operator = false
		if _, err := service.Drain(t.Context(), other, "a", true); !problem.Is(err, problem.Forbidden) {
			t.Errorf("an owner of another workspace drains a node: %v", err)
		}
		if _, _, err := service.List(t.Context(), other); !problem.Is(err, problem.Forbidden) {
			t.Errorf("an owner of another workspace lists nodes: %v", err)
		}
		if _, err := service.Drain(t.Context(), operator, "none", true); !problem.Is(err, problem.NotFound) {
			t.Errorf("draining a node that isn't there: %v", err)
		}
		for _, drain := range []bool{true, true, false} {
			if _, err := service.Drain(t.Context(), operator, "a", drain); err != nil {
				t.Fatal(err)
			}
			all, _, err := service.List(t.Context(), operator)
			if err != nil {
				t.Fatal(err)
			}
			if want := map[bool]node.State{true: node.Draining, false: node.Live}[drain]; all[0].State != want {
				t.Errorf("drain %v: the node is %s", drain, all[0].State)
			}
		}
	})
}

// TestKeep sees that a node learns within five seconds that it is to drain.
func TestKeep(t *testing.T) {
	t.Parallel()
	state := storetest.Open(t)
	if err := newMember(state, self("a"), time.Now).Join(t.Context()); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		member := newMember(state, self("a"), time.Now)
		go member.Keep(t.Context())
		time.Sleep(node.Beat + time.Second)
		if member.Draining() {
			t.Error("it drains before it is told to")
		}
		if err := state.DrainNode(t.Context(), "node_a", true); err != nil {
			t.Fatal(err)
		}
		time.Sleep(node.Beat)
		if !member.Draining() {
			t.Error("it doesn't drain five seconds later")
		}
	})
}
