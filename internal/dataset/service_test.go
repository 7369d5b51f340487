package dataset_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

type discard struct{}

func (discard) Record(context.Context, access.Decision) error { return nil }

// rows returns counts that a test sets, and records the datasets whose ledger
// is set aside.
type rows struct {
	count   map[string]int64
	retired map[string]bool
}

func (r rows) Size(_ context.Context, id string) (count, bytes int64, err error) {
	return r.count[id], 60 * r.count[id], nil
}

func (r rows) Retire(_ context.Context, id string) error { r.retired[id] = true; return nil }

func (r rows) Reinstate(_ context.Context, id string) error { delete(r.retired, id); return nil }

func (r rows) Drop(_ context.Context, id string) error { delete(r.count, id); return nil }

type fixture struct {
	*dataset.Service
	rows      map[string]int64
	retired   map[string]bool
	skip      func(time.Duration) // moves the clock
	workspace string
	owner     access.Actor
}

func open(t *testing.T) fixture {
	t.Helper()
	s := storetest.Open(t)
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	clock := func() time.Time { now = now.Add(time.Second); return now }
	f := fixture{
		rows: map[string]int64{}, retired: map[string]bool{}, skip: func(d time.Duration) { now = now.Add(d) },
		workspace: storetest.Workspace(t, s, "demo"),
	}
	f.owner = access.Actor{
		Kind: access.Member, ID: "mem_1", Workspace: f.workspace, Member: "mem_1",
		Role: access.Owner,
	}
	f.Service = dataset.New(dataset.Config{
		Checker: access.NewChecker(discard{}, clock), Store: s,
		Rows: rows{f.rows, f.retired}, Now: clock,
	})
	return f
}

func prices() dataset.Draft {
	return dataset.Draft{Name: "Prices", Schema: dataset.Schema{
		Columns: []dataset.Column{
			{Name: "symbol", Type: dataset.String, AllowNull: true},
			{Name: "date", Type: dataset.Date},
			{Name: "close", Type: dataset.Number, AllowNull: true},
		},
		Index: dataset.Index{Key: "symbol", Date: "date", Unique: true},
	}}
}

func TestLife(t *testing.T) {
	t.Parallel()
	f := open(t)
	made, err := f.Create(t.Context(), f.owner, f.workspace, prices())
	if err != nil {
		t.Fatal(err)
	}
	if c := made.Schema.Columns[0]; !c.Required || c.AllowNull {
		t.Errorf("the key's column is not required: %+v", c)
	}
	for _, name := range []string{"Prices", "PRICES", "prices", made.ID} {
		got, err := f.Get(t.Context(), f.owner, f.workspace, name)
		if diff := cmp.Diff(made, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	again, created, err := f.Ensure(t.Context(), f.owner, f.workspace, dataset.Draft{Name: "PRICES"})
	if err != nil || created || again.ID != made.ID {
		t.Errorf("ensured %v %t: %v", again, created, err)
	}
	name := "closes"
	renamed, err := f.Update(t.Context(), f.owner, f.workspace, "prices",
		dataset.Change{Name: &name, Index: &dataset.Index{Key: "symbol", Unique: true}})
	if err != nil || renamed.Name != name || renamed.Schema.Index.Guessed || !renamed.Schema.Index.Unique {
		t.Errorf("renamed %+v: %v", renamed, err)
	}
	f.rows[made.ID] = 7
	if _, err := f.Update(t.Context(), f.owner, f.workspace, name,
		dataset.Change{Index: &dataset.Index{Date: "date"}}); !problem.Is(err, problem.Conflict) {
		t.Errorf("another index over rows: %v", err)
	}
	if _, err := f.Remove(t.Context(), f.owner, f.workspace, name, impact.Confirmed(name)); err != nil {
		t.Errorf("removing: %v", err)
	}
	if listed, err := f.List(t.Context(), f.owner, f.workspace, paging.Request{}); err != nil ||
		len(listed.Items) != 0 {
		t.Errorf("listed %v: %v", listed, err)
	}
}

func TestDraftsRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*dataset.Draft){
		"empty name":       func(d *dataset.Draft) { d.Name = "" },
		"hyphen":           func(d *dataset.Draft) { d.Name = "a-b" },
		"reserved":         func(d *dataset.Draft) { d.Name = "_System_x" },
		"name like an ID":  func(d *dataset.Draft) { d.Name = strings.ToUpper(id.New("ds", time.Unix(1, 0))) },
		"long name":        func(d *dataset.Draft) { d.Name = strings.Repeat("a", 256) },
		"no columns":       func(d *dataset.Draft) { d.Schema = dataset.Schema{} },
		"same column":      func(d *dataset.Draft) { d.Schema.Columns[1].Name = "symbol" },
		"control":          func(d *dataset.Draft) { d.Schema.Columns[2].Name = "a\x00" },
		"reserved column":  func(d *dataset.Draft) { d.Schema.Columns[2].Name = "_systemRecord" },
		"unknown type":     func(d *dataset.Draft) { d.Schema.Columns[2].Type = "money" },
		"key not there":    func(d *dataset.Draft) { d.Schema.Index.Key = "nope" },
		"key of a float":   func(d *dataset.Draft) { d.Schema.Index.Key = "close" },
		"date of a string": func(d *dataset.Draft) { d.Schema.Index.Date = "symbol" },
		"subkey, no key":   func(d *dataset.Draft) { d.Schema.Index = dataset.Index{Subkey: "symbol"} },
		"unique, no index": func(d *dataset.Draft) { d.Schema.Index = dataset.Index{Unique: true} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, draft := open(t), prices()
			spoil(&draft)
			if _, err := f.Create(t.Context(), f.owner, f.workspace, draft); !problem.Is(err, problem.Invalid) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSameNameInAnotherCase(t *testing.T) {
	t.Parallel()
	f, draft := open(t), prices()
	if _, err := f.Create(t.Context(), f.owner, f.workspace, draft); err != nil {
		t.Fatal(err)
	}
	draft.Name = "pRICES"
	if _, err := f.Create(t.Context(), f.owner, f.workspace, draft); !problem.Is(err, problem.Conflict) {
		t.Errorf("got %v", err)
	}
}
