package load_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/sandboxtest"
)

// TestThrottling loads while S3 throttles calls, fewer than the attempts for one object:
// every row is there once, and the load slows down.
func TestThrottling(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.MustBucket(t, server.Customer.Keys, "data")
	const objects = 40
	for i := range objects {
		server.MustPut(t, server.Customer.Keys, "data", fmt.Sprintf("in/%02d.csv", i), lines(10*i, 10*i+10))
	}
	bucket := impatient(server, server.Customer.Keys, "data")
	h := build(t, doors{bucket: func(object.Bucket) object.Bucket { return bucket }})
	src := h.source(t, "in/*", source.Format{})
	server.MustFault(t, fault.Fault{Kind: fault.Throttle, Match: fault.Match{Service: "s3"}, Count: 5})
	l := h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	if n := h.count(t, "d"); n != 10*objects || len(l.Problems) > 0 {
		t.Errorf("%d rows, want %d; problems %+v", n, 10*objects, l.Problems)
	}
	if server.Hits(fault.Throttle) == 0 || !strings.Contains(fmt.Sprint(l.Notes), "S3 throttled the load") {
		t.Errorf("throttled %d times; notes %q", server.Hits(fault.Throttle), l.Notes)
	}
}

// throttling is a bucket that throttles one read and counts how many objects are open
// later.
type throttling struct {
	object.Bucket
	throttled, later int // reads: the one that is throttled, and those that are counted

	mu                sync.Mutex
	reads, open, most int
}

func (b *throttling) Read(ctx context.Context, key string, options object.ReadOptions) (
	io.ReadCloser, object.Info, error,
) {
	content, info, err := b.Bucket.Read(ctx, key, options)
	if err != nil {
		return nil, info, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.reads++; b.reads == b.throttled {
		object.ReportThrottle(ctx)
	}
	if b.open++; b.reads >= b.later {
		b.most = max(b.most, b.open)
	}
	return &countedBody{ReadCloser: content, closed: func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.open--
	}}, info, nil
}

// countedBody reports its first close.
type countedBody struct {
	io.ReadCloser
	once   sync.Once
	closed func()
}

func (c *countedBody) Close() error {
	c.once.Do(c.closed)
	return c.ReadCloser.Close()
}

// TestThrottledLoadReadsFewerObjectsAtOnce counts the objects that are open after S3
// throttled.
func TestThrottledLoadReadsFewerObjectsAtOnce(t *testing.T) {
	t.Parallel()
	var bucket *throttling
	h := build(t, doors{bucket: func(b object.Bucket) object.Bucket {
		bucket = &throttling{Bucket: b}
		return bucket
	}})
	src := h.source(t, "*", source.Format{})
	h.put(t, "0.csv", "id,n\n0,1\n")
	h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	const objects = 80
	for i := range objects {
		h.put(t, fmt.Sprintf("1-%02d.csv", i), fmt.Sprintf("id,n\n%d,1\n", i))
	}
	bucket.throttled, bucket.later = bucket.reads+20, bucket.reads+50
	l := h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	const note = "S3 throttled the load, which then read at most 4 objects at once instead of 8."
	if bucket.most > 4 || !strings.Contains(fmt.Sprint(l.Notes), note) {
		t.Errorf("%d objects were open at once, want 4 at most; notes %q", bucket.most, l.Notes)
	}
	if l := h.mustLoad(t, load.Order{Source: src, Dataset: "d"}); len(l.Notes) != 1 {
		t.Errorf("the next load starts afresh, but has the notes %q", l.Notes)
	}
	if l.Progress.Objects != objects {
		t.Errorf("%d objects, want %d", l.Progress.Objects, objects)
	}
}
