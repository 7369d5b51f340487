package dataset_test

import (
	"errors"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// made creates the dataset Prices with seven rows.
func (f *fixture) made(t *testing.T) dataset.Dataset {
	t.Helper()
	d, err := f.Create(t.Context(), f.owner, f.workspace, prices())
	if err != nil {
		t.Fatal(err)
	}
	f.rows[d.ID] = 7
	return d
}

func (f *fixture) remove(t *testing.T, nameOrID string) dataset.Dataset {
	t.Helper()
	removed, err := f.Remove(t.Context(), f.owner, f.workspace, nameOrID, impact.Confirmed("Prices"))
	if err != nil {
		t.Fatal(err)
	}
	return removed
}

func TestRemoveNeedsConfirmation(t *testing.T) {
	t.Parallel()
	f := open(t)
	d := f.made(t)
	for _, name := range []string{"", "price", "prices", d.ID} {
		_, err := f.Remove(t.Context(), f.owner, f.workspace, d.ID, impact.Confirmed(name))
		var unconfirmed *impact.UnconfirmedError
		if !problem.Is(err, problem.Conflict) || !errors.As(err, &unconfirmed) ||
			unconfirmed.Impact.Deletes.Rows != 7 || unconfirmed.Impact.Undo != "24h" {
			t.Errorf("confirmed with %q: %v", name, err)
		}
	}
	if got, err := f.Get(t.Context(), f.owner, f.workspace, d.ID); err != nil || got.ID != d.ID {
		t.Errorf("after refused removals: %+v, %v", got, err)
	}
	f.remove(t, d.ID)
	d = f.made(t)
	f.rows[d.ID] = 0
	if _, err := f.Remove(t.Context(), f.owner, f.workspace, d.ID, impact.Confirmed("")); err != nil {
		t.Errorf("removing an empty dataset: %v", err)
	}
}

// A removed dataset can't be found, read, changed or removed, by its ID neither.
func TestAttackUseOfRemovedDataset(t *testing.T) {
	t.Parallel()
	f := open(t)
	d := f.made(t)
	f.remove(t, d.ID)
	other := access.Actor{Kind: access.Member, ID: "mem_2", Member: "mem_2", Role: access.Owner, Workspace: "ws_other"}
	name := "other"
	for act, err := range map[string]error{
		"get":     second(f.Get(t.Context(), f.owner, f.workspace, d.ID)),
		"by name": second(f.Get(t.Context(), f.owner, f.workspace, "prices")),
		"update": second(f.Update(t.Context(), f.owner, f.workspace, d.ID,
			dataset.Change{Name: &name})),
		"impact":                 second(f.Impact(t.Context(), f.owner, f.workspace, d.ID)),
		"remove":                 second(f.Remove(t.Context(), f.owner, f.workspace, d.ID, impact.Waived())),
		"settle":                 f.SettleIndex(t.Context(), f.owner, f.workspace, d.ID, false),
		"restore from elsewhere": second(f.Restore(t.Context(), other, f.workspace, d.ID)),
		"restore into another":   second(f.Restore(t.Context(), other, "ws_other", d.ID)),
	} {
		if !problem.Is(err, problem.NotFound) {
			t.Errorf("%s: %v, want not_found", act, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestRestore(t *testing.T) {
	t.Parallel()
	f := open(t)
	first := f.made(t)
	f.remove(t, first.ID)
	if !f.retired[first.ID] {
		t.Error("the ledger of a removed dataset isn't set aside")
	}
	removed, err := f.Removed(t.Context(), f.owner, f.workspace)
	if err != nil || len(removed) != 1 || removed[0].ID != first.ID || removed[0].RemovedAt.IsZero() {
		t.Fatalf("removed: %+v, %v", removed, err)
	}
	second := f.made(t) // its name is free
	if _, err := f.Restore(t.Context(), f.owner, f.workspace, first.ID); !problem.Is(err, problem.Conflict) ||
		!f.retired[first.ID] {
		t.Errorf("restored beside another of its name: %v, set aside %t", err, f.retired[first.ID])
	}
	f.remove(t, second.ID)
	restored, err := f.Restore(t.Context(), f.owner, f.workspace, "PRICES") // the last of that name
	if err != nil || restored.ID != second.ID || !restored.RemovedAt.IsZero() || f.retired[second.ID] ||
		f.rows[second.ID] != 7 {
		t.Errorf("restored %+v, %v", restored, err)
	}
	if listed, err := f.List(t.Context(), f.owner, f.workspace, paging.Request{}); err != nil ||
		len(listed.Items) != 1 || listed.Items[0].ID != second.ID {
		t.Errorf("listed %+v, %v", listed, err)
	}
	if _, err := f.Restore(t.Context(), f.owner, f.workspace, second.ID); !problem.Is(err, problem.NotFound) {
		t.Errorf("restored twice: %v", err)
	}
}

func TestPurge(t *testing.T) {
	t.Parallel()
	f := open(t)
	kept := f.made(t)
	f.remove(t, kept.ID)
	gone := f.made(t)
	f.remove(t, gone.ID)
	delete(f.retired, kept.ID) // as after a removal that broke off
	f.skip(dataset.RestoredFor - time.Minute)
	if n, err := f.Purge(t.Context()); n != 0 || err != nil || len(f.rows) != 2 || !f.retired[kept.ID] {
		t.Errorf("too early: %d purged, %v, %v left", n, err, f.rows)
	}
	if _, err := f.Restore(t.Context(), f.owner, f.workspace, kept.ID); err != nil {
		t.Fatal(err)
	}
	f.skip(time.Minute)
	if _, err := f.Restore(t.Context(), f.owner, f.workspace, gone.ID); !problem.Is(err, problem.NotFound) {
		t.Errorf("restored after a day: %v", err)
	}
	if n, err := f.Purge(t.Context()); n != 1 || err != nil || f.rows[gone.ID] != 0 || f.rows[kept.ID] != 7 {
		t.Errorf("%d purged, %v, %v left", n, err, f.rows)
	}
	if n, err := f.Purge(t.Context()); n != 0 || err != nil {
		t.Errorf("again: %d purged, %v", n, err)
	}
	if _, err := f.Get(t.Context(), f.owner, f.workspace, kept.ID); err != nil {
		t.Errorf("the restored one: %v", err)
	}
}
