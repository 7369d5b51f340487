package server_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/client"
)

// removeRows starts a service with n loaded objects whose rows are removed with them.
func removeRows(t *testing.T, n int) (l *listening, feedID string) {
	t.Helper()
	l = listenToEvents(t)
	feeds, err := l.api.Feeds(t.Context(), client.FeedFilter{}, client.PageOptions{})
	if err != nil || len(feeds.Items) != 1 {
		t.Fatalf("feeds %+v, %v", feeds, err)
	}
	feedID = feeds.Items[0].ID
	l.expect(t, 0, nil, "feed", "update", feedID, "--deleted", "remove")
	l.until(t, "the first list", func(e client.SourceEvents) bool { return e.LastList != nil })
	l.put(t, n)
	l.until(t, "objects", func(e client.SourceEvents) bool { return e.Counts.Loaded == int64(n) && e.Waiting == 0 })
	return l, feedID
}

// list lists the bucket and returns the state afterwards.
func (l *listening) list(t *testing.T, flags ...string) client.SourceEvents {
	t.Helper()
	before, err := l.api.SourceEvents(t.Context(), "src")
	if err != nil {
		t.Fatal(err)
	}
	l.expect(t, 0, nil, append([]string{"source", "events", "list", "src"}, flags...)...)
	return l.until(t, "a list", func(e client.SourceEvents) bool {
		return e.LastList.ID != before.LastList.ID && e.Waiting == 0
	})
}

// The list finds deletions whose events were lost. Too many wait for a person.
func TestBucketEventsListAppliesDeletes(t *testing.T) {
	t.Parallel()
	l, feedID := removeRows(t, 16)
	l.aws.Break(t, "drop-event")
	l.remove(t, 0, 2)
	seen := l.list(t)
	if got := l.rows(t); got != 14 || seen.LastList.Gone != 2 || seen.LastList.Held != 0 {
		t.Errorf("after two deletes there are %d rows, want 14: %+v", got, seen)
	}

	l.remove(t, 2, 13)
	seen = l.list(t)
	if got := l.rows(t); got != 14 || seen.State != "attention" || seen.LastList.Held != 11 {
		t.Errorf("with too many deletes there are %d rows, want 14: %+v", got, seen)
	}
	if !strings.Contains(seen.Reason, "--apply-deletes") {
		t.Errorf("the reason %q doesn't have the next step", seen.Reason)
	}
	l.expect(t, 0, []string{"in/0002.csv", "gone"}, "feed", "ledger", feedID, "--state", "gone")
	l.expect(t, 0, []string{"in/0015.csv"}, "feed", "ledger", feedID, "--state", "loaded")

	seen = l.list(t, "--apply-deletes")
	if got := l.rows(t); got != 3 || seen.State == "attention" || !seen.LastList.Applied {
		t.Errorf("after the deletes were applied there are %d rows, want 3: %+v", got, seen)
	}
	loads, err := l.api.Loads(t.Context(), client.PageOptions{Limit: 1})
	if err != nil || len(loads.Items) != 1 || !strings.Contains(strings.Join(loads.Items[0].Notes, " "), "approved") {
		t.Errorf("the load that removed the rows has no approval: %+v, %v", loads.Items, err)
	}
	if seen = l.list(t); seen.LastList.Gone != 0 || seen.LastList.Applied || seen.State == "attention" {
		t.Errorf("the next list finds nothing deleted and has no approval: %+v", seen)
	}
}

// By default, rows stay. The ledger notes which objects are gone, and which are there
// again.
func TestBucketEventsListNotesDeletes(t *testing.T) {
	t.Parallel()
	l, feedID := removeRows(t, 12)
	l.expect(t, 0, nil, "feed", "update", feedID, "--deleted", "keep")
	l.aws.Break(t, "drop-event")
	l.remove(t, 1, 12)
	seen := l.list(t)
	if got := l.rows(t); got != 12 || seen.LastList.Gone != 11 || seen.State == "attention" {
		t.Errorf("a feed that keeps rows has %d, want 12: %+v", got, seen)
	}
	l.expect(t, 0, []string{"in/0001.csv"}, "feed", "ledger", feedID, "--state", "gone")
	l.put(t, 2) // with the same contents
	if seen = l.list(t); seen.LastList.Gone != 0 || l.rows(t) != 12 {
		t.Errorf("an object that is there again: %d rows, want 12: %+v", l.rows(t), seen)
	}
	out := l.expect(t, 0, []string{"in/0002.csv"}, "feed", "ledger", feedID, "--state", "gone")
	if strings.Contains(out, "in/0001.csv") {
		t.Errorf("an object that is there again is noted as gone: %s", out)
	}
}

// Many deletes are counted together, although their loads have few objects each.
func TestBucketEventsGuardCountsAllDeletes(t *testing.T) {
	t.Parallel()
	l, _ := removeRows(t, 24)
	found, err := l.api.SourceEvents(t.Context(), "src")
	if err != nil {
		t.Fatal(err)
	}
	l.expect(t, 0, nil, "source", "events", "set", "src", "--queue", found.Queue, "--window", "1s",
		"--max-objects", "5")
	l.expect(t, 0, nil, "source", "events", "pause", "src")
	l.remove(t, 0, 20)
	l.expect(t, 0, nil, "source", "events", "resume", "src")
	l.until(t, "too many deletes", func(e client.SourceEvents) bool { return e.State == "attention" })
	if got := l.rows(t); got < 12 {
		t.Errorf("%d rows are left of 24, want at least half", got)
	}
}
