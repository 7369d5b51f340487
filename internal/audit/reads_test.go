package audit_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// clock is a clock that tests move.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(noon.UnixMicro())
	return c
}

func (c *clock) now() time.Time           { return time.UnixMicro(c.at.Load()).UTC() }
func (c *clock) advance(by time.Duration) { c.at.Add(by.Microseconds()) }

func openReads(s audit.SummaryStore, recorder *audit.Recorder, c *clock) *audit.Reads {
	return audit.NewReads(audit.ReadsConfig{
		Store: s, Recorder: recorder, Logger: slog.New(slog.DiscardHandler), Now: c.now,
	})
}

func read(t *testing.T, r *audit.Reads, c *clock, dataset string, rows, bytes int64) {
	t.Helper()
	done, err := r.CountRead(t.Context(), decision("ws_1", access.DataRead, dataset, true, c.now()))
	if err != nil {
		t.Fatal(err)
	}
	done(rows, bytes)
}

func flush(t *testing.T, r *audit.Reads) {
	t.Helper()
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// summaries lists the summaries in the chain of ws_1, newest first, as
// "dataset minute reads rows bytes".
func summaries(t *testing.T, s *store.Store) []string {
	t.Helper()
	_, service := open(s)
	list, err := service.List(t.Context(), reader, "ws_1", audit.Filter{Action: "data.read"}, paging.Request{})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, e := range list.Items {
		d := e.Detail
		found = append(found, e.Resource.ID+" "+d["minute"][11:16]+" "+d["reads"]+" "+d["rows"]+" "+d["bytes"])
	}
	report, err := service.Verify(t.Context(), reader, "ws_1", audit.Head{})
	if err != nil || report.Break != nil {
		t.Errorf("the chain: %+v %v", report.Break, err)
	}
	return found
}

func TestReadsAreSummarisedByMinute(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newClock()
		reads := openReads(s, audit.NewRecorder(s), c)
		read(t, reads, c, "ds_1", 1, 100)
		read(t, reads, c, "ds_1", 250, 9000)
		read(t, reads, c, "ds_2", 0, 2)
		flush(t, reads)
		c.advance(30 * time.Second)
		read(t, reads, c, "ds_1", 5, 500)
		flush(t, reads)
		if got := summaries(t, s); got != nil {
			t.Errorf("the minute isn't over, and its summary is in the chain: %v", got)
		}
		c.advance(time.Minute)
		read(t, reads, c, "ds_1", 7, 70)
		flush(t, reads)
		want := []string{"ds_2 12:00 1 0 2", "ds_1 12:00 3 256 9600"}
		if diff := cmp.Diff(want, summaries(t, s)); diff != "" {
			t.Errorf("summaries (-want +got):\n%s", diff)
		}
		c.advance(2 * time.Minute)
		flush(t, reads)
		want = append([]string{"ds_1 12:01 1 7 70"}, want...)
		if diff := cmp.Diff(want, summaries(t, s)); diff != "" {
			t.Errorf("summaries (-want +got):\n%s", diff)
		}
	})
}

// TestReadsSurviveTheProcess checks that flushed reads enter the chain even
// after a crash.
func TestReadsSurviveTheProcess(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newClock()
		crashed := openReads(s, audit.NewRecorder(s), c)
		read(t, crashed, c, "ds_1", 1, 10)
		flush(t, crashed)
		c.advance(time.Hour)
		flush(t, openReads(s, audit.NewRecorder(s), c))
		if diff := cmp.Diff([]string{"ds_1 12:00 1 1 10"}, summaries(t, s)); diff != "" {
			t.Errorf("summaries (-want +got):\n%s", diff)
		}
	})
}

// TestReadsAtOnce: two nodes count for one chain, and no read is lost.
func TestReadsAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newClock()
		nodes := []*audit.Reads{
			openReads(s, audit.NewRecorder(s), c), openReads(s, audit.NewRecorder(s), c),
		}
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				for n := range 100 {
					read(t, nodes[i%2], c, "ds_1", 1, 2)
					if n%20 == 0 {
						if err := nodes[i%2].Flush(t.Context()); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		group.Wait()
		flush(t, nodes[0])
		flush(t, nodes[1])
		c.advance(5 * time.Minute)
		for _, node := range nodes {
			group.Go(func() {
				if err := node.Flush(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if diff := cmp.Diff([]string{"ds_1 12:00 800 800 1600"}, summaries(t, s)); diff != "" {
			t.Errorf("summaries (-want +got):\n%s", diff)
		}
	})
}

// failing fails to store anything while it is broken.
type failing struct {
	audit.SummaryStore
	broken bool
}

func (f *failing) AddReads(ctx context.Context, summaries []audit.Summary) error {
	if f.broken {
		return errors.New("disk full")
	}
	return f.SummaryStore.AddReads(ctx, summaries)
}

// TestReadsEndWhenTheyCannotBeRecorded checks that reads are refused after 15
// seconds without a flush, that the counts are kept, and that reads continue
// once they are stored.
func TestReadsEndWhenTheyCannotBeRecorded(t *testing.T) {
	t.Parallel()
	s, c := storetest.Open(t), newClock()
	disk := &failing{s, true}
	reads := openReads(disk, audit.NewRecorder(s), c)
	checker := access.NewChecker(audit.NewRecorder(s), c.now)
	checker.CountReads(reads)
	try := func() error {
		allowed, err := checker.Read(t.Context(), reader, access.DataRead,
			access.Resource{Workspace: "ws_1", Kind: "dataset", ID: "ds_1"})
		allowed.Done(1, 1)
		return errors.Join(err, allowed.Wait())
	}
	for range 3 {
		if err := try(); err != nil {
			t.Fatal(err)
		}
		if err := reads.Flush(t.Context()); err == nil {
			t.Error("the flush that failed wasn't reported")
		}
	}
	c.advance(16 * time.Second)
	if err := try(); err == nil {
		t.Error("a read was allowed that can't be recorded")
	}
	disk.broken = false
	flush(t, reads)
	if err := try(); err != nil {
		t.Error(err)
	}
	flush(t, reads)
	c.advance(3 * time.Minute)
	flush(t, reads)
	if diff := cmp.Diff([]string{"ds_1 12:00 4 4 4"}, summaries(t, s)); diff != "" {
		t.Errorf("summaries (-want +got):\n%s", diff)
	}
}

// TestRefusedReadsAreRecordedAlone checks that a summary has only allowed reads.
func TestRefusedReadsAreRecordedAlone(t *testing.T) {
	t.Parallel()
	s, c := storetest.Open(t), newClock()
	recorder, service := open(s)
	checker := access.NewChecker(recorder, c.now)
	checker.CountReads(openReads(s, recorder, c))
	stranger := reader
	stranger.Scopes = nil
	if _, err := checker.Read(t.Context(), stranger, access.DataRead,
		access.Resource{Workspace: "ws_1", Kind: "dataset", ID: "ds_1"}); err == nil {
		t.Error("a read without a scope was allowed")
	}
	list, err := service.List(t.Context(), reader, "ws_1", audit.Filter{Outcome: audit.Denied}, paging.Request{})
	if err != nil || len(list.Items) != 1 {
		t.Errorf("%d refusals %v, want 1", len(list.Items), err)
	}
}
