package arrival_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/arrival"
	"github.com/windlass-io/windlass/internal/engine/segment/segmenttest"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// slowBucket has no objects, and takes long to list them.
type slowBucket struct {
	object.Bucket
	takes time.Duration
	lists atomic.Int64
}

func (b *slowBucket) List(ctx context.Context, _, _ string, _ int) (object.Page, error) {
	b.lists.Add(1)
	select {
	case <-ctx.Done():
		return object.Page{}, ctx.Err()
	case <-time.After(b.takes):
		return object.Page{}, nil
	}
}

// oneSource has one source, in a slow bucket. Its queue can't be read.
type oneSource struct {
	arrival.Integrations
	bucket *slowBucket
}

func (s oneSource) Get(context.Context, access.Actor, string, string) (source.Source, error) {
	return source.Source{ID: "src_1", Workspace: "ws_1", Bucket: "b", Pattern: "in/*.csv"}, nil
}

func (s oneSource) Bucket(context.Context, access.Actor, source.Source) (object.Bucket, error) {
	return s.bucket, nil
}

func (s oneSource) QueueAccess(context.Context, access.Actor, string, string, string, string) (
	func(context.Context) (object.Keys, error), string, error,
) {
	return nil, "", errors.New("no queue")
}

// A list that takes longer than a claim is run by one node.
func TestLongListIsRunOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		state := storetest.Open(t)
		rows := segmenttest.Open(t, state)
		now := time.Now()
		if err := state.SaveEvents(t.Context(), arrival.Setting{
			Workspace: "ws_1", SourceID: "src_1", IntegrationID: "int_1", Route: arrival.Direct,
			Queue: "arn:aws:sqs:us-east-1:222222222222:q", Window: time.Second, MaxObjects: 10, ListEvery: time.Hour,
			Version: 1, SetAt: now, MadeBy: "mem_1", UpdatedAt: now, NextListAt: now,
		}); err != nil {
			t.Fatal(err)
		}
		only := oneSource{bucket: &slowBucket{takes: 12 * time.Minute}}
		ctx, stop := context.WithCancel(t.Context())
		var nodes sync.WaitGroup
		for range 2 {
			node := arrival.New(arrival.Config{
				Store: state, Ledger: rows, Sources: only, Integrations: only,
				Logger: slog.New(slog.DiscardHandler), Now: time.Now,
			})
			nodes.Go(func() { node.Keep(ctx) })
		}
		time.Sleep(15 * time.Minute)
		stop()
		nodes.Wait()
		if n := only.bucket.lists.Load(); n != 1 {
			t.Errorf("the bucket was listed %d times, want once", n)
		}
		reports, err := state.EventLists(t.Context(), "src_1", paging.Request{Limit: 10})
		if err != nil || len(reports.Items) != 1 || !reports.Items[0].Complete {
			t.Errorf("reports %+v, %v", reports.Items, err)
		}
	})
}
