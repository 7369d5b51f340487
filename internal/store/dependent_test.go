package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// Every dataset with loads through an integration stops with it: each is listed
// once, and those with only dry runs aren't.
func TestDatasetsHangOnAnIntegration(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		for id, from := range map[string]string{"src_1": "int_1", "src_2": "int_2"} {
			must(s.InsertSource(t.Context(), source.Source{
				ID: id, Workspace: "ws_1", Name: id, IntegrationID: from,
				Version: 1, CreatedAt: loadEpoch, UpdatedAt: loadEpoch,
			}))
		}
		for _, id := range []string{"ds_fed", "ds_other", "ds_tried", "ds_failed"} {
			must(s.InsertDataset(t.Context(), dataset.Dataset{
				ID: id, Workspace: "ws_1", Name: id, CreatedAt: loadEpoch,
				UpdatedAt: loadEpoch,
			}))
		}
		for _, made := range []load.Load{
			{ID: "load_1", SourceID: "src_1", DatasetID: "ds_fed", State: load.Loaded},
			{ID: "load_2", SourceID: "src_1", DatasetID: "ds_fed", State: load.Loaded},
			{ID: "load_3", SourceID: "src_2", DatasetID: "ds_other", State: load.Loaded},
			{ID: "load_4", SourceID: "src_1", DatasetID: "ds_tried", State: load.Loaded, DryRun: true},
			{ID: "load_5", SourceID: "src_1", DatasetID: "ds_failed", State: load.Failed},
		} {
			made.Workspace, made.CreatedAt = "ws_1", loadEpoch
			storetest.Load(t, s, made)
		}
		got, err := s.IntegrationDependents(t.Context(), "ws_1", "int_1")
		want := []impact.Stop{
			{Kind: "source", ID: "src_1", Name: "src_1"},
			{Kind: "dataset", ID: "ds_fed", Name: "ds_fed"},
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("(-want +got)\n%s%v", diff, err)
		}
	})
}
