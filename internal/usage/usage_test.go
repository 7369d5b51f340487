package usage_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/usage"
)

// failing is a store that can fail.
type failing struct {
	*store.Store
	fails bool
}

func (f *failing) AddUsage(ctx context.Context, measured []usage.Measured) error {
	if f.fails {
		return errors.New("the disk is full")
	}
	return f.Store.AddUsage(ctx, measured)
}

// TestCounter: counts add up over days, nodes and failures of the store, and are
// forgotten after their time.
func TestCounter(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := time.Date(2026, 3, 1, 23, 59, 0, 0, time.UTC)
		clock := func() time.Time { return now }
		workspace := storetest.Workspace(t, s, "demo")
		state := &failing{Store: s}
		nodes := []*usage.Counter{}
		for range 2 {
			nodes = append(nodes, usage.NewCounter(usage.Config{
				Store: state, Logger: slog.New(slog.DiscardHandler), Now: clock,
			}))
		}
		count := func(node int, took time.Duration, rows int64) {
			_, note := usage.Begin(t.Context())
			note.Rows("ds_1", rows)
			note.Rows("ds_2", 1)
			nodes[node].Count(&usage.Event{
				Workspace: workspace, Token: "tok_1", Kind: usage.Read, Bytes: 10, Took: took, Note: note,
			})
		}
		for i := range 95 {
			count(i%2, time.Millisecond, 1)
		}
		nodes[0].Flush(t.Context())
		state.fails = true
		count(0, 2*time.Second, 5)
		nodes[0].Flush(t.Context())
		state.fails = false
		for range 4 {
			count(0, 2*time.Second, 0)
		}
		nodes[1].Flush(t.Context())
		now = now.Add(2 * time.Minute)
		count(0, time.Millisecond, 2)
		nodes[0].Count(&usage.Event{Workspace: workspace, Kind: usage.Query, Refused: true})

		checker := access.NewChecker(audit.NewRecorder(s), clock)
		report := func(search usage.Search) []usage.Line {
			t.Helper()
			search.Workspace = workspace
			lines, err := usage.New(checker, nodes[0]).Report(t.Context(), access.Actor{
				Kind: access.Member, ID: "mem_1", Member: "mem_1", Role: access.Viewer, Workspace: workspace,
			}, search)
			if err != nil {
				t.Fatal(err)
			}
			return lines
		}
		want := []usage.Line{
			{
				Day:     "2026-03-01",
				Dataset: "ds_1",
				Counts:  usage.Counts{Requests: 100, Rows: 100, Bytes: 1000},
				P50:     1,
				P95:     1,
			},
			{Day: "2026-03-01", Dataset: "ds_2", Counts: usage.Counts{Requests: 100, Rows: 100}, P50: 1, P95: 1},
			{Day: "2026-03-02", Counts: usage.Counts{Requests: 1, Refusals: 1}, P50: 0.06, P95: 0.06},
			{Day: "2026-03-02", Dataset: "ds_1", Counts: usage.Counts{Requests: 1, Rows: 2, Bytes: 10}, P50: 1, P95: 1},
			{Day: "2026-03-02", Dataset: "ds_2", Counts: usage.Counts{Requests: 1, Rows: 1}, P50: 1, P95: 1},
		}
		got := report(usage.Search{By: []usage.By{usage.ByDataset, usage.ByDay}})
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 0.01)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		slow := report(usage.Search{Token: "tok_1", Dataset: "ds_1", By: []usage.By{usage.ByKind}})
		if len(slow) != 1 || slow[0].Requests != 101 || slow[0].Kind != usage.Read {
			t.Errorf("%+v", slow)
		}
		if members := report(usage.Search{Token: usage.Console, By: []usage.By{usage.ByToken}}); len(members) != 1 ||
			members[0].Refusals != 1 {
			t.Errorf("%+v", members)
		}
		if err := s.ForgetUsage(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		if kept := report(usage.Search{}); len(kept) != 1 || kept[0].Day != "2026-03-02" {
			t.Errorf("%+v", kept)
		}
	})
}

// TestBuckets: a bucket is at most a fifth above the latency.
func TestBuckets(t *testing.T) {
	t.Parallel()
	for _, took := range []time.Duration{
		0, time.Microsecond, time.Millisecond, 3 * time.Millisecond, time.Minute, time.Hour,
	} {
		low, high := usage.BucketOf(took), usage.BucketOf(took+took/5+time.Microsecond)
		if low > high || high-low > 2 {
			t.Errorf("%s: buckets %d and %d", took, low, high)
		}
	}
}

// TestQuotas counts up to limits of a day and a month, over stored and waiting counts
// and over midnight.
func TestQuotas(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := time.Date(2026, 3, 30, 23, 0, 0, 0, time.UTC)
		workspace := storetest.Workspace(t, s, "demo")
		state := &failing{Store: s}
		c := usage.NewCounter(usage.Config{
			Store: state, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return now },
		})
		ctx, note := usage.Begin(t.Context())
		read := func(rows int64, end bool) {
			note.Rows("ds_1", rows)
			e := &usage.Event{Workspace: workspace, Token: "tok_1", Kind: usage.Read, Bytes: 1, Note: note}
			if end {
				c.Count(e)
				ctx, note = usage.Begin(t.Context())
			} else {
				c.CountPart(e)
			}
		}
		refused := func(what string, limits access.Limits, want bool) {
			t.Helper()
			if err := c.CheckQuota(ctx, workspace, "tok_1", limits); (err != nil) != want {
				t.Errorf("%s: %v", what, err)
			}
		}
		read(2, false)
		refused("a part", access.Limits{RowsPerDay: 3, RequestsPerMonth: 1}, false)
		refused("the rows of a part", access.Limits{RowsPerDay: 2}, true)
		read(1, true)
		refused("the rest", access.Limits{RowsPerDay: 3}, true)
		refused("the request", access.Limits{RequestsPerMonth: 1}, true)
		state.fails = true
		c.Flush(ctx)
		refused("counts that couldn't be stored", access.Limits{RowsPerDay: 3}, true)
		state.fails = false
		c.Flush(ctx)
		refused("stored counts", access.Limits{RowsPerDay: 3}, true)
		refused("another limit", access.Limits{RowsPerDay: 4, BytesPerDay: 3, RequestsPerMonth: 2}, false)
		read(1, true)
		refused("stored and waiting counts", access.Limits{RowsPerDay: 4}, true)
		now = now.Add(2 * time.Hour)
		refused("the next day", access.Limits{RowsPerDay: 1}, false)
		refused("the same month", access.Limits{RequestsPerMonth: 2}, true)
		read(1, true)
		refused("rows of the next day", access.Limits{RowsPerDay: 1}, true)
		refused("requests of two days", access.Limits{RequestsPerMonth: 3}, true)
		now = now.Add(24 * time.Hour)
		refused("the next month", access.Limits{RequestsPerMonth: 1}, false)
		read(1, true)
		refused("a request of the next month", access.Limits{RequestsPerMonth: 1}, true)
	})
}
