package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// TestViews checks that a view shares its namespace with datasets but isn't
// one of them.
func TestViews(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s)
		ctx := t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		refused := func(code problem.Code, err error) {
			t.Helper()
			if !problem.Is(err, code) {
				t.Errorf("%v, want %s", err, code)
			}
		}
		table := dataset.Dataset{
			ID:        "ds_1",
			Workspace: "ws_1",
			Name:      "wells",
			CreatedAt: loadEpoch,
			UpdatedAt: loadEpoch,
		}
		must(s.InsertDataset(ctx, table))
		made := dataset.Dataset{
			ID: "view_1", Workspace: "ws_1", Name: "Daily", CreatedAt: loadEpoch, UpdatedAt: loadEpoch, Version: 1,
			View: &dataset.View{
				SQL:    "from wells",
				Tables: []dataset.ViewTable{{ID: "ds_1", Name: "wells", Version: 1}},
			},
		}
		must(s.InsertView(ctx, made))
		refused(problem.Conflict, s.InsertView(ctx, dataset.Dataset{
			ID: "view_2", Workspace: "ws_1", Name: "WELLS", View: &dataset.View{},
		}))
		refused(problem.Conflict, s.InsertDataset(ctx, dataset.Dataset{ID: "ds_2", Workspace: "ws_1", Name: "daily"}))

		for _, name := range []string{"daily", "view_1"} {
			found, err := s.Readable(ctx, "ws_1", name)
			if diff := cmp.Diff(made, found); diff != "" || err != nil {
				t.Errorf("%s: (-want +got)\n%s%v", name, diff, err)
			}
			_, err = s.Dataset(ctx, "ws_1", name)
			refused(problem.NotFound, err)
			_, err = s.Readable(ctx, "ws_2", name)
			refused(problem.NotFound, err)
		}
		names := func(list paging.List[dataset.Dataset], err error) (names []string) {
			must(err)
			for _, d := range list.Items {
				names = append(names, d.Name)
			}
			return names
		}
		got := [][]string{
			names(s.ListDatasets(ctx, "ws_1", paging.Request{})), names(s.ListViews(ctx, "ws_1", paging.Request{})),
			names(
				s.ListReadables(ctx, "ws_1", paging.Request{}),
			), names(s.ListReadables(ctx, "ws_2", paging.Request{})),
		}
		if diff := cmp.Diff([][]string{{"wells"}, {"Daily"}, {"wells", "Daily"}, nil}, got); diff != "" {
			t.Errorf("lists (-want +got)\n%s", diff)
		}
		stops, err := s.DatasetDependents(ctx, "ws_1", "ds_1", loadEpoch)
		if diff := cmp.Diff([]impact.Stop{{Kind: "view", ID: "view_1", Name: "Daily"}}, stops); diff != "" ||
			err != nil {
			t.Errorf("what stops (-want +got)\n%s%v", diff, err)
		}

		changed := made
		changed.Version, changed.Title = 2, "Days"
		changed.View = &dataset.View{SQL: "select 1 as one"}
		table.Name = "pits"
		must(s.SaveDataset(ctx, table, loadEpoch, changed))
		refused(problem.Conflict, s.SaveView(ctx, changed))
		refused(problem.Conflict, s.SaveDataset(ctx, table, loadEpoch, changed))
		if found, err := s.Readable(ctx, "ws_1", "view_1"); err != nil || found.Version != 2 || found.Title != "Days" {
			t.Errorf("%+v, %v", found, err)
		}
		views, err := s.ViewsOf(ctx, "ws_1", "ds_1")
		if len(views) != 0 || err != nil {
			t.Errorf("views of ds_1: %v, %v", views, err)
		}
		refused(problem.NotFound, s.RemoveView(ctx, "ws_1", "ds_1"))
		refused(problem.NotFound, s.RemoveView(ctx, "ws_2", "view_1"))
		must(s.RemoveView(ctx, "ws_1", "view_1"))
		_, err = s.Readable(ctx, "ws_1", "view_1")
		refused(problem.NotFound, err)
	})
}

// TestViewsOfChangedTables saves views whose tables were changed while they were
// compiled.
func TestViewsOfChangedTables(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s)
		ctx := t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		refused := func(what string, err error) {
			t.Helper()
			if !problem.Is(err, problem.Conflict) {
				t.Errorf("%s: %v", what, err)
			}
		}
		table := dataset.Dataset{
			ID:        "ds_1",
			Workspace: "ws_1",
			Name:      "wells",
			CreatedAt: loadEpoch,
			UpdatedAt: loadEpoch,
		}
		must(s.InsertDataset(ctx, table))
		reads := func(id, name string, version int64, tables ...dataset.ViewTable) dataset.Dataset {
			return dataset.Dataset{
				ID: id, Workspace: "ws_1", Name: name, CreatedAt: loadEpoch, UpdatedAt: loadEpoch, Version: version,
				View: &dataset.View{SQL: "from x", Tables: tables},
			}
		}
		refused("another name", s.InsertView(ctx, reads("view_1", "v", 1, dataset.ViewTable{ID: "ds_1", Name: "pits"})))
		refused("no table", s.InsertView(ctx, reads("view_1", "v", 1, dataset.ViewTable{ID: "ds_9", Name: "wells"})))
		refused("itself", s.InsertView(ctx, reads("view_1", "v", 1, dataset.ViewTable{ID: "view_1", Name: "v"})))
		must(s.InsertView(ctx, reads("view_1", "v", 1, dataset.ViewTable{ID: "ds_1", Name: "wells"})))
		must(s.InsertView(ctx, reads("view_2", "w", 1, dataset.ViewTable{ID: "view_1", Name: "v"})))
		refused("a cycle", s.SaveView(ctx, reads("view_1", "v", 2, dataset.ViewTable{ID: "view_2", Name: "w"})))

		renamed := table
		renamed.Name = "pits"
		refused("a view that isn't known", s.SaveDataset(ctx, renamed, loadEpoch))
		refused("a view of a view that isn't known", s.SaveView(ctx, reads("view_1", "x", 2,
			dataset.ViewTable{ID: "ds_1", Name: "wells"})))
		must(
			s.SaveDataset(
				ctx,
				renamed,
				loadEpoch,
				reads("view_1", "v", 2, dataset.ViewTable{ID: "ds_1", Name: "pits"}),
			),
		)
		renamed.Name = "mines"
		must(s.SaveDataset(ctx, renamed, loadEpoch, dataset.Dataset{ID: "view_1"})) // it breaks
		must(s.RemoveDataset(ctx, "ws_1", "ds_1", loadEpoch.Add(1)))
		refused(
			"a removed table",
			s.SaveView(ctx, reads("view_1", "v", 3, dataset.ViewTable{ID: "ds_1", Name: "mines"})),
		)
	})
}
