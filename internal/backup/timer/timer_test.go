package timer_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/backup/timer"
	"github.com/windlass-io/windlass/internal/cron"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// nodes has the timers of several nodes with one state, and a clock that the
// test moves.
type nodes struct {
	store *store.Store
	mu    sync.Mutex
	now   time.Time
	made  []time.Time
	fault error
	block chan struct{} // a backup waits for it
	ended map[string]int
	all   []*timer.Timer
}

func newNodes(t *testing.T, s *store.Store, n int) *nodes {
	t.Helper()
	times, err := cron.Parse("30 2 * * *", "")
	if err != nil {
		t.Fatal(err)
	}
	o := &nodes{store: s, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), ended: map[string]int{}}
	for range n {
		o.all = append(o.all, timer.New(timer.Config{
			Times: times, Store: s, Node: id.New("node", o.now), Make: o.make, Now: o.clock,
			Logger: slog.New(slog.DiscardHandler), Observe: o.observe,
		}))
	}
	return o
}

func (o *nodes) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *nodes) observe(outcome string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended[outcome]++
}

func (o *nodes) make(ctx context.Context) error {
	if o.block != nil {
		select {
		case <-o.block:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fault == nil {
		o.made = append(o.made, o.now)
	}
	return o.fault
}

// advance moves the clock, and lets all nodes tick at the same time.
func (o *nodes) advance(t *testing.T, d time.Duration) {
	t.Helper()
	o.mu.Lock()
	o.now = o.now.Add(d)
	o.mu.Unlock()
	var all sync.WaitGroup
	for _, node := range o.all {
		all.Go(func() {
			if err := node.Tick(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestOnceForEachFireTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newNodes(t, s, 3)
		o.advance(t, 0) // the first is due at once
		for range 4 * 48 {
			o.advance(t, 30*time.Minute)
		}
		if len(o.made) != 5 {
			t.Fatalf("backups at %v, want one at once and one on each of four nights", o.made)
		}
		for _, at := range o.made[1:] {
			if at.Hour() != 2 || at.Minute() != 30 {
				t.Errorf("a backup at %v", at)
			}
		}
		o.advance(t, 10*24*time.Hour) // nobody was up
		o.advance(t, time.Minute)
		if len(o.made) != 6 {
			t.Errorf("%d backups for ten missed nights, want one", len(o.made)-5)
		}
	})
}

func TestAfterABackupByHand(t *testing.T) {
	s := storetest.Open(t)
	o := newNodes(t, s, 1)
	if _, err := s.Instance(t.Context(), "inst_1"); err != nil {
		t.Fatal(err)
	}
	if err := s.BackedUp(t.Context(), o.now.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	o.advance(t, 0)
	if len(o.made) != 0 {
		t.Error("a backup was made an hour after the last one")
	}
	o.advance(t, 15*time.Hour)
	if len(o.made) != 1 {
		t.Errorf("%d backups after the first night", len(o.made))
	}
}

func TestFailedBackups(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o := newNodes(t, s, 2)
		o.fault = errors.New("the disk is full")
		for range 12 * 24 {
			o.advance(t, 5*time.Minute)
		}
		if o.ended["failed"] != 10 || len(o.made) != 0 {
			t.Fatalf("%v attempts on a day with two fire times, want five at each", o.ended)
		}
		o.fault = nil
		o.advance(t, 24*time.Hour)
		if len(o.made) != 1 || o.ended["ok"] != 1 {
			t.Errorf("backups at %v, %v", o.made, o.ended)
		}
	})
}

func TestStoppedNode(t *testing.T) {
	s := storetest.Open(t)
	o := newNodes(t, s, 2)
	o.block = make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error)
	go func() { stopped <- o.all[0].Tick(ctx) }()
	for { // until the node has the claim
		if run, err := s.LastBackupRun(t.Context(), o.now.Add(time.Hour)); err != nil || run != nil {
			break
		}
	}
	o.all = o.all[1:]
	o.advance(t, time.Minute)
	if len(o.made) != 0 {
		t.Error("a second node made the same backup")
	}
	stop()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	close(o.block)
	o.advance(t, time.Minute)
	if len(o.made) != 1 || o.ended["failed"] != 0 {
		t.Errorf("after the first node stopped: backups at %v, %v", o.made, o.ended)
	}
}

// TestClockAhead lets a clock jump ahead by years and back.
func TestClockAhead(t *testing.T) {
	o := newNodes(t, storetest.Open(t), 1)
	o.advance(t, 10*365*24*time.Hour)
	o.advance(t, -10*365*24*time.Hour)
	before := len(o.made)
	for range 3 * 24 {
		o.advance(t, time.Hour)
	}
	if len(o.made) < before+3 {
		t.Errorf("%d backups in three days after the clock was set right", len(o.made)-before)
	}
}

func TestLostNode(t *testing.T) {
	s := storetest.Open(t)
	o := newNodes(t, s, 1)
	now := o.clock()
	if ours, err := s.ClaimBackup(t.Context(), now, "node_gone", now, now.Add(10*time.Minute)); err != nil || !ours {
		t.Fatal(ours, err)
	}
	o.advance(t, 5*time.Minute)
	if len(o.made) != 0 {
		t.Error("the claim of a node that may live was taken")
	}
	o.advance(t, 6*time.Minute)
	if len(o.made) != 1 {
		t.Error("the backup of a lost node wasn't made by another")
	}
	if ours, err := s.KeepBackup(t.Context(), now, "node_gone", now.Add(time.Hour)); err != nil || ours {
		t.Errorf("the lost node has the run again: %t, %v", ours, err)
	}
}
