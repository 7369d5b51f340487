package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

var integrationsBegan = time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)

func mustWorkspace(t *testing.T, s *store.Store, id string) {
	t.Helper()
	if _, err := s.DB().ExecContext(t.Context(), "INSERT INTO workspace (id, name, created_at) VALUES ($1, $1, 0)",
		id); err != nil {
		t.Fatal(err)
	}
}

// anIntegration is the n-th, with every field set.
func anIntegration(workspace string, n int) integration.Integration {
	at := integrationsBegan.Add(time.Duration(n) * time.Hour)
	return integration.Integration{
		ID: fmt.Sprintf("int_%02d", n), Workspace: workspace, Name: fmt.Sprintf("acme %d", n),
		State: integration.Unverified, Reason: "because",
		ExternalID: assume.ExternalID(fmt.Sprintf("%032x", n)), PrincipalARN: "arn:aws:iam::111111111111:user/windlass",
		RoleARN: "arn:aws:iam::222222222222:role/reader", Locations: []object.Location{
			{Bucket: "acme", Prefix: "a/"},
			{Bucket: "acme-2"},
		},
		Access: integration.Read, Region: "eu-west-1", Endpoint: "https://s3.example.com", RequesterPays: true,
		KMSKeyARNs: []string{"arn:aws:kms:eu-west-1:222222222222:key/k"}, SessionLength: time.Hour,
		WebhookURL: "https://example.com/hook",
		Revision:   2, Version: 1, CreatedAt: at, EditedAt: at.Add(1), VerifiedAt: at.Add(2 * time.Microsecond),
		RemovedAt: time.Time{},
	}
}

func TestIntegrationIsKeptWhole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mustWorkspace(t, s, "ws_1")
		want := anIntegration("ws_1", 1)
		want.EditedAt = want.CreatedAt
		if err := s.InsertIntegration(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		for range 2 { // as inserted, and as saved
			got, err := s.Integration(t.Context(), "ws_1", "int_01")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			want = anIntegration("ws_1", 2)
			want.ID, want.Version, want.RemovedAt, want.EditedAt = "int_01", 2, want.CreatedAt, want.CreatedAt
			want.NextExternalID = "ffffffffffffffffffffffffffffffff"
			if err := s.SaveIntegration(t.Context(), want, loadEpoch); err != nil && got.Version == 1 {
				t.Fatal(err)
			}
		}
	})
}

func TestIntegrationOfAnotherWorkspaceIsMissing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mustWorkspace(t, s, "ws_1")
		if err := s.InsertIntegration(t.Context(), anIntegration("ws_1", 1)); err != nil {
			t.Fatal(err)
		}
		_, there := s.Integration(t.Context(), "ws_2", "int_01")
		_, nowhere := s.Integration(t.Context(), "ws_1", "int_02")
		if !problem.Is(there, problem.NotFound) || !problem.Is(nowhere, problem.NotFound) {
			t.Errorf("got %v and %v", there, nowhere)
		}
	})
}

func TestIntegrationNamesAndExternalIDsAreUnique(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mustWorkspace(t, s, "ws_1")
		first := anIntegration("ws_1", 1)
		if err := s.InsertIntegration(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		second := anIntegration("ws_1", 2)
		second.Name = first.Name
		if err := s.InsertIntegration(t.Context(), second); !problem.Is(err, problem.Conflict) {
			t.Errorf("a name that is taken: got %v", err)
		}
		first.State, first.Version = integration.Removed, 2
		if err := s.SaveIntegration(t.Context(), first, loadEpoch); err != nil {
			t.Fatal(err)
		}
		second.ExternalID = first.ExternalID
		if err := s.InsertIntegration(t.Context(), second); err == nil {
			t.Error("the External ID of a removed integration was given again")
		}
		second.ExternalID = anIntegration("", 2).ExternalID
		if err := s.InsertIntegration(t.Context(), second); err != nil {
			t.Errorf("the name of a removed integration is not free: %v", err)
		}
		second.NextExternalID, second.Version = first.ExternalID, 2
		if err := s.SaveIntegration(t.Context(), second, loadEpoch); err == nil {
			t.Error("another integration's External ID was taken as the next one")
		}
	})
}

func TestSaveIntegrationTellsOfAChangeMeanwhile(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mustWorkspace(t, s, "ws_1")
		i := anIntegration("ws_1", 1)
		if err := s.InsertIntegration(t.Context(), i); err != nil {
			t.Fatal(err)
		}
		i.Version = 2
		if err := s.SaveIntegration(t.Context(), i, loadEpoch); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveIntegration(t.Context(), i, loadEpoch); !errors.Is(err, integration.ErrChanged) {
			t.Errorf("got %v, want ErrChanged", err)
		}
	})
}

func TestListIntegrationsLeavesOutTheRemoved(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mustWorkspace(t, s, "ws_1")
		mustWorkspace(t, s, "ws_2")
		for n := range 5 {
			i := anIntegration("ws_1", n)
			if n == 1 {
				i.State = integration.Removed
			}
			if n == 2 {
				i.Workspace = "ws_2"
			}
			if err := s.InsertIntegration(t.Context(), i); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		request := paging.Request{Limit: 2}
		for {
			p, err := s.ListIntegrations(t.Context(), "ws_1", request)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range p.Items {
				got = append(got, i.ID)
			}
			if request.Cursor = p.Next; p.Next == "" {
				break
			}
		}
		if diff := cmp.Diff([]string{"int_00", "int_03", "int_04"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if n, err := s.CountIntegrations(t.Context(), "ws_1"); n != 3 || err != nil {
			t.Errorf("counted %d, %v", n, err)
		}
	})
}

func TestExpireIntegrations(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mustWorkspace(t, s, "ws_1")
		for n := range 4 {
			i := anIntegration("ws_1", n)
			if n != 1 {
				i.State, i.RoleARN = integration.Reserved, ""
			}
			if err := s.InsertIntegration(t.Context(), i); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range [][]string{{"int_00", "int_02"}, nil} {
			expired, err := s.ExpireIntegrations(t.Context(), integrationsBegan.Add(150*time.Minute),
				integrationsBegan.Add(99*time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, i := range expired {
				got = append(got, i.ID)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
		gone, err := s.Integration(t.Context(), "ws_1", "int_02")
		if err != nil || gone.State != integration.Removed ||
			!gone.RemovedAt.Equal(integrationsBegan.Add(99*time.Hour)) {
			t.Errorf("got %+v, %v", gone, err)
		}
	})
}
