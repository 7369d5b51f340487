package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/token"
)

func TestWhatStops(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(s.InsertSource(t.Context(), source.Source{
			ID: "src_1", Workspace: "ws_1", Name: "prices",
			CredentialID: "cred_1", Version: 1, CreatedAt: loadEpoch, UpdatedAt: loadEpoch,
		}))
		for _, l := range []load.Load{
			{
				ID: "load_1", SourceID: "src_1", Dataset: "STOCKS", DatasetID: "ds_1", State: load.Loaded,
				EndedAt: loadEpoch,
			},
			{ID: "load_2", SourceID: "src_1", Dataset: "STOCKS", DatasetID: "ds_1", State: load.Queued},
			{ID: "load_3", SourceID: "src_2", Dataset: "other", State: load.Queued},
		} {
			l.Workspace, l.CreatedAt = "ws_1", loadEpoch
			storetest.Load(t, s, l)
		}
		reads := func(ids ...string) (scopes []access.Scope) {
			for _, id := range ids {
				scopes = append(scopes, access.Scope{Action: access.DataRead, Dataset: id})
			}
			return scopes
		}
		for _, made := range []token.Token{
			{ID: "tok_1", Name: "used", Scopes: reads("ds_2", "ds_1"), UsedAt: loadEpoch},
			{ID: "tok_2", Name: "every", Scopes: reads("*")},
			{ID: "tok_3", Name: "revoked", Scopes: reads("ds_1"), RevokedAt: loadEpoch},
			{ID: "tok_4", Name: "expired", Scopes: reads("ds_1"), ExpiresAt: loadEpoch},
			{ID: "tok_5", Name: "similar", Scopes: reads("ds_11")},
			{ID: "tok_6", Name: "hers", Maker: "mem_1", UsedAt: loadEpoch},
			{ID: "tok_7", Name: "hers, revoked", Maker: "mem_1", RevokedAt: loadEpoch},
			{ID: "tok_9", Name: "hers, by used", Parent: "tok_1"},
			{ID: "tok_a", Name: "its child", Parent: "tok_9"},
			{ID: "tok_8", Name: "his", Maker: "mem_2"},
		} {
			made.Workspace, made.CreatedAt, made.Hash = "ws_1", loadEpoch, token.HashOf(made.ID)
			must(s.InsertToken(t.Context(), made))
		}
		now := loadEpoch.Add(time.Second)
		for name, c := range map[string]struct {
			find func() ([]impact.Stop, error)
			want []impact.Stop
		}{
			"dataset": {
				func() ([]impact.Stop, error) { return s.DatasetDependents(t.Context(), "ws_1", "ds_1", now) },
				[]impact.Stop{
					{Kind: "token", ID: "tok_1", Name: "used", LastUsed: loadEpoch},
					{Kind: "load", ID: "load_2", Name: "STOCKS"},
				},
			},
			"member": {
				func() ([]impact.Stop, error) { return s.MemberTokens(t.Context(), "ws_1", "mem_1", now) },
				[]impact.Stop{{Kind: "token", ID: "tok_6", Name: "hers", LastUsed: loadEpoch}},
			},
			"token": {
				func() ([]impact.Stop, error) { return s.TokenFamily(t.Context(), "ws_1", "tok_1", now) },
				[]impact.Stop{
					{Kind: "token", ID: "tok_1", Name: "used", LastUsed: loadEpoch},
					{Kind: "token", ID: "tok_9", Name: "hers, by used"},
					{Kind: "token", ID: "tok_a", Name: "its child"},
				},
			},
			"revoked token": {
				func() ([]impact.Stop, error) { return s.TokenFamily(t.Context(), "ws_1", "tok_3", now) },
				[]impact.Stop{},
			},
			"source": {
				func() ([]impact.Stop, error) { return s.SourceDependents(t.Context(), "ws_1", "src_1") },
				[]impact.Stop{{Kind: "load", ID: "load_2", Name: "STOCKS"}},
			},
			"credential": {
				func() ([]impact.Stop, error) { return s.CredentialDependents(t.Context(), "ws_1", "cred_1") },
				[]impact.Stop{{Kind: "source", ID: "src_1", Name: "prices"}},
			},
			"of another workspace": {
				func() ([]impact.Stop, error) { return s.DatasetDependents(t.Context(), "ws_2", "ds_1", now) }, nil,
			},
		} {
			got, err := c.find()
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Errorf("%s (-want +got)\n%s%v", name, diff, err)
			}
		}
	})
}

func TestRemovedDatasets(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s)
		at := func(n int) time.Time { return loadEpoch.Add(time.Duration(n) * time.Hour) }
		for n, id := range []string{"ds_1", "ds_2", "ds_3"} { // three of one name, one after the other
			if err := s.InsertDataset(t.Context(), dataset.Dataset{
				ID: id, Workspace: "ws_1", Name: "STOCKS",
				CreatedAt: loadEpoch, UpdatedAt: loadEpoch,
			}); err != nil {
				t.Fatal(err)
			}
			if id == "ds_3" {
				break
			}
			if err := s.RemoveDataset(t.Context(), "ws_1", id, at(n+1)); err != nil {
				t.Fatal(err)
			}
			if err := s.RemoveDataset(t.Context(), "ws_1", id, at(n+1)); !problem.Is(err, problem.NotFound) {
				t.Errorf("removed twice: %v", err)
			}
		}
		if n, err := s.CountDatasets(t.Context(), "ws_1"); n != 1 || err != nil {
			t.Errorf("%d datasets, %v", n, err)
		}
		if found, err := s.RemovedDataset(t.Context(), "ws_1", "stocks", at(0)); err != nil || found.ID != "ds_2" ||
			!found.RemovedAt.Equal(at(2)) {
			t.Errorf("the last removed is %+v, %v", found, err)
		}
		if _, err := s.RemovedDataset(t.Context(), "ws_1", "ds_1", at(1)); !problem.Is(err, problem.NotFound) {
			t.Errorf("removed too long ago: %v", err)
		}
		if err := s.RestoreDataset(t.Context(), "ws_1", "ds_2", at(0)); !problem.Is(err, problem.Conflict) {
			t.Errorf("restored beside another of its name: %v", err)
		}
		if err := s.DeleteDataset(t.Context(), "ws_1", "ds_1", at(0)); err != nil {
			t.Fatal(err)
		}
		if err := s.DeleteDataset(t.Context(), "ws_1", "ds_3", at(9)); err != nil { // isn't removed
			t.Fatal(err)
		}
		if all, err := s.AllRemovedDatasets(t.Context()); err != nil || len(all) != 2 {
			t.Errorf("removed: %v, %v", all, err)
		}
		if err := s.DeleteDataset(t.Context(), "ws_1", "ds_1", at(1)); err != nil {
			t.Fatal(err)
		}
		if left, err := s.RemovedDatasets(t.Context(), "ws_1", at(0), 9); err != nil || len(left) != 1 ||
			left[0].ID != "ds_2" {
			t.Errorf("left: %v, %v", left, err)
		}
		if _, err := s.Dataset(t.Context(), "ws_1", "stocks"); err != nil {
			t.Errorf("the one that isn't removed: %v", err)
		}
	})
}
