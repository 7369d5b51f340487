package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

func TestCredentials(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mine, theirs := storetest.Workspace(t, s, "mine"), storetest.Workspace(t, s, "theirs")
		made := credential.Credential{
			ID: "cred_1", Workspace: mine, Name: "legacy", AccessKeyID: "AKIAIOSFODNN7EXAMPLE",
			Sealed: []byte("\x00\xffsealed"),
			Region: "eu-west-1", Endpoint: "https://s3.example.com", CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 6000,
				time.UTC),
		}
		if err := s.InsertCredential(t.Context(), made); err != nil {
			t.Fatal(err)
		}
		twin := made
		twin.ID = "cred_2"
		if err := s.InsertCredential(t.Context(), twin); !problem.Is(err, problem.Conflict) {
			t.Errorf("the same name: %v, want conflict", err)
		}
		twin.Workspace = theirs
		if err := s.InsertCredential(t.Context(), twin); err != nil {
			t.Errorf("the same name in another workspace: %v", err)
		}
		for _, idOrName := range []string{"cred_1", "legacy"} {
			got, err := s.Credential(t.Context(), mine, idOrName)
			if diff := cmp.Diff(made, got); diff != "" || err != nil {
				t.Errorf("%s (-want +got):\n%s%v", idOrName, diff, err)
			}
		}
		if _, err := s.Credential(t.Context(), theirs, "cred_1"); !problem.Is(err, problem.NotFound) {
			t.Errorf("another's: %v, want not_found", err)
		}
		if p, err := s.ListCredentials(t.Context(), mine, paging.Request{}); len(p.Items) != 1 || err != nil {
			t.Errorf("%d listed, %v; want 1", len(p.Items), err)
		}
		if err := s.DeleteCredential(t.Context(), theirs, "cred_1"); !problem.Is(err, problem.NotFound) {
			t.Errorf("deleting another's: %v, want not_found", err)
		}
		if err := s.DeleteCredential(t.Context(), mine, "cred_1"); err != nil {
			t.Error(err)
		}
		if n, err := s.CountCredentials(t.Context(), mine); n != 0 || err != nil {
			t.Errorf("%d left, %v; want 0", n, err)
		}
	})
}
