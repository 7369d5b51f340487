package dataset_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
)

// finder returns a dataset whose title is the number of calls.
type finder struct {
	calls  atomic.Int64
	during func()
}

func (f *finder) Dataset(_ context.Context, _, nameOrID string) (dataset.Dataset, error) {
	n := f.calls.Add(1)
	if f.during != nil {
		f.during()
	}
	if nameOrID == "missing" {
		return dataset.Dataset{}, problem.New(problem.NotFound, "There is no dataset.")
	}
	return dataset.Dataset{Name: nameOrID, Title: time.Duration(n).String()}, nil
}

func title(t *testing.T, c *dataset.Cache, workspace, name string) string {
	t.Helper()
	found, err := c.Dataset(t.Context(), workspace, name)
	if err != nil {
		t.Fatal(err)
	}
	return found.Title
}

func TestCacheEndsWithChangesAndTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c := dataset.NewCache(&finder{}, 2*time.Second, func() time.Time { return at })
	for _, step := range []struct {
		name   string
		change func()
		want   string
	}{
		{"first", func() {}, "1ns"},
		{"again", func() {}, "1ns"},
		{"another workspace changed", func() { c.Forget("ws_2") }, "1ns"},
		{"changed", func() { c.Forget("ws_1") }, "2ns"},
		{"a second later", func() { at = at.Add(time.Second) }, "2ns"},
		{"two seconds later", func() { at = at.Add(time.Second) }, "3ns"},
	} {
		step.change()
		if got := title(t, c, "ws_1", "prices"); got != step.want {
			t.Errorf("%s: read %s, want %s", step.name, got, step.want)
		}
	}
}

// TestCacheKeepsNothingOlderThanAChange checks that datasets read during a
// change aren't cached.
func TestCacheKeepsNothingOlderThanAChange(t *testing.T) {
	t.Parallel()
	source := &finder{}
	c := dataset.NewCache(source, 2*time.Second, time.Now)
	source.during = func() { c.Forget("ws_1") }
	title(t, c, "ws_1", "prices")
	source.during = nil
	if got := title(t, c, "ws_1", "prices"); got != "2ns" {
		t.Errorf("read %s, want a second read", got)
	}
}

func TestCacheKeepsNoMissingDataset(t *testing.T) {
	t.Parallel()
	source := &finder{}
	c := dataset.NewCache(source, 2*time.Second, time.Now)
	for range 2 {
		if _, err := c.Dataset(t.Context(), "ws_1", "missing"); !problem.Is(err, problem.NotFound) {
			t.Errorf("got %v, want not_found", err)
		}
	}
	if n := source.calls.Load(); n != 2 {
		t.Errorf("%d calls, want 2", n)
	}
}
