package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/client"
)

func TestWaitLoad(t *testing.T) {
	t.Parallel()
	states := []string{"queued", "reading", "loaded"}
	var polls atomic.Int32
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"id":"lod_1","state":%q}`, states[polls.Add(1)-1])
	})
	var seen []string
	load, err := c.WaitLoad(t.Context(), "lod_1", func(l client.Load) { seen = append(seen, l.State) })
	if err != nil || load.State != "loaded" {
		t.Errorf("got %+v, %v", load, err)
	}
	if diff := cmp.Diff(states, seen); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestWaitLoadStopsWithItsContext(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"state":"queued"}`)) })
	ctx, cancel := context.WithCancel(t.Context())
	load, err := c.WaitLoad(ctx, "lod_1", func(client.Load) { cancel() })
	if !errors.Is(err, context.Canceled) || load.State != "queued" {
		t.Errorf("got %+v, %v", load, err)
	}
}

func TestEnded(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]bool{
		"queued": false, "planning": false, "reading": false, "committing": false,
		"loaded": true, "failed": true, "cancelled": true,
	} {
		if got := (client.Load{State: state}).Ended(); got != want {
			t.Errorf("%s: got %v", state, got)
		}
	}
}
