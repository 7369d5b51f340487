package assume

import (
	"context"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/object"
)

// A caller that finds nothing cached, and waits until another's call has
// returned, doesn't call AWS again.
func TestWhoComesLateIsGivenWhatWasKeptMeanwhile(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c, k, asked := newCache(), key{integration: "int_1"}, 0
	ask := func(context.Context) (Session, error) {
		asked++
		return Session{RequestID: "req-1", Keys: object.Keys{Expires: noon.Add(time.Hour)}}, nil
	}
	clock := func() time.Time { return noon }
	for range 2 { // in sequence: both had checked the cache before the first call
		session, err := c.refresh(t.Context(), k, clock, ask)
		if err != nil || session.RequestID != "req-1" {
			t.Fatalf("got %+v and %v", session, err)
		}
	}
	if asked != 1 {
		t.Errorf("AWS was asked %d times, want 1", asked)
	}
}
