package statekey_test

import (
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/seal"
	"github.com/windlass-io/windlass/internal/statekey"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

func newBox(t *testing.T, state *store.Store, sealer *seal.Sealer, name string) *statekey.Box {
	t.Helper()
	return statekey.New(statekey.Config{
		Name: name, Store: state, Sealer: sealer, Now: func() time.Time { return time.Unix(1, 0) },
	})
}

func newSealer(t *testing.T) *seal.Sealer {
	t.Helper()
	sealer, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	return sealer
}

// TestBox checks that all nodes can open what one of them sealed, and nothing
// else, and that there is a new key after the master key was lost.
func TestBox(t *testing.T) {
	t.Parallel()
	state, sealer := storetest.Open(t), newSealer(t)
	here := newBox(t, state, sealer, "cursor")
	sealed, err := here.Seal(t.Context(), []byte("place"))
	if err != nil {
		t.Fatal(err)
	}
	for name, box := range map[string]*statekey.Box{"here": here, "another node": newBox(t, state, sealer, "cursor")} {
		if plain, err := box.Open(t.Context(), sealed); err != nil || string(plain) != "place" {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
	}
	for i := range sealed {
		sealed[i] ^= 1
		if _, err := here.Open(t.Context(), sealed); !problem.Is(err, problem.Invalid) {
			t.Errorf("a change of byte %d: %v", i, err)
		}
		sealed[i] ^= 1
	}
	for name, box := range map[string]*statekey.Box{
		"another name":       newBox(t, state, sealer, "other"),
		"another master key": newBox(t, state, newSealer(t), "cursor"),
	} {
		if _, err := box.Open(t.Context(), sealed); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
