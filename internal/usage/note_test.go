package usage_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/usage"
)

// TestNote notes rows of few and of many datasets, in several turns.
func TestNote(t *testing.T) {
	t.Parallel()
	for _, datasets := range []int{1, 2, 8, 9, 40} {
		kept := &measured{}
		c := usage.NewCounter(usage.Config{
			Store: kept, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
		})
		_, note := usage.Begin(t.Context())
		for range 3 {
			for i := range datasets {
				note.Rows(fmt.Sprint("ds_", i), int64(i))
			}
		}
		c.Count(&usage.Event{Workspace: "ws_1", Token: "tok_1", Kind: usage.Read, Note: note})
		c.Flush(t.Context())
		if len(kept.list) != datasets {
			t.Fatalf("%d datasets were counted, want %d", len(kept.list), datasets)
		}
		for _, m := range kept.list {
			if want := fmt.Sprint("ds_", m.Rows/3); m.Dataset != want || m.Requests != 1 || m.Rows%3 != 0 {
				t.Errorf("of %d datasets, %s has %d rows and %d requests", datasets, m.Dataset, m.Rows, m.Requests)
			}
		}
	}
}

// measured is a store in memory.
type measured struct {
	usage.Store
	list []usage.Measured
}

func (m *measured) AddUsage(_ context.Context, list []usage.Measured) error {
	m.list = append(m.list, list...)
	return nil
}

func (*measured) ForgetUsage(context.Context, time.Time) error { return nil }
