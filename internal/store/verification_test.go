package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// Pruning keeps the newest verifications of an integration, and of older ones,
// for their time, those whose result differs from the previous one.
func TestPruneVerifications(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mustWorkspace(t, s, "ws_1")
		begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		history := func(integrationID, notable string) {
			for n, mark := range notable {
				v := doctor.Verification{
					ID: fmt.Sprintf("ver_%s_%02d", integrationID, n), Workspace: "ws_1", Integration: integrationID,
					State:  doctor.Running,
					Checks: []doctor.Check{}, StartedAt: begin.AddDate(0, 0, n),
				}
				if err := s.InsertVerification(t.Context(), v); err != nil {
					t.Fatal(err)
				}
				if mark == '?' {
					continue
				}
				v.State, v.EndedAt, v.Notable = doctor.Verified, v.StartedAt.Add(time.Second), mark == 'x'
				if err := s.SaveVerification(t.Context(), v); err != nil {
					t.Fatal(err)
				}
			}
		}
		left := func(integrationID string) string {
			found, err := s.ListVerifications(t.Context(), "ws_1", integrationID, paging.Request{})
			if err != nil {
				t.Fatal(err)
			}
			kept := ""
			for n := len(found.Items) - 1; n >= 0; n-- {
				kept += map[bool]string{
					true:  "x",
					false: ".",
				}[found.Items[n].Notable] + found.Items[n].ID[len(found.Items[n].ID)-2:] + " "
			}
			return kept
		}
		for n, state := range []integration.State{integration.Verified, integration.Verified, integration.Removed} {
			i := anIntegration("ws_1", n+1)
			i.State = state
			if state == integration.Removed {
				i.RemovedAt = begin.AddDate(0, 0, 2)
			}
			if err := s.InsertIntegration(t.Context(), i); err != nil {
				t.Fatal(err)
			}
		}
		history("int_01", "x.xx..x....")
		history("int_02", "....?")
		history("int_03", "x...")

		dropped, err := s.PruneVerifications(t.Context(), 3, begin.AddDate(0, 0, 3))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{"1": left("int_01"), "2": left("int_02"), "3": left("int_03")}
		want := map[string]string{"1": "x03 x06 .08 .09 .10 ", "2": ".02 .03 .04 ", "3": ".03 "}
		if diff := cmp.Diff(want, got); diff != "" || dropped != 6+2+3 {
			t.Errorf("%d dropped (-want +kept):\n%s", dropped, diff)
		}
		if again, err := s.PruneVerifications(t.Context(), 3, begin.AddDate(0, 0, 3)); err != nil || again != 0 {
			t.Errorf("a second time drops %d, %v", again, err)
		}
	})
}
