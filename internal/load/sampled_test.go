package load_test

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"testing"

	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/source"
)

// counting is a bucket that counts reads.
type counting struct {
	object.Bucket
	reads atomic.Int64
}

func (c *counting) Read(ctx context.Context, key string, options object.ReadOptions) (
	io.ReadCloser, object.Info, error,
) {
	c.reads.Add(1)
	return c.Bucket.Read(ctx, key, options)
}

// A first load samples the objects before it reads them. It requests each small
// object once.
func TestFirstLoadRequestsSmallObjectsOnce(t *testing.T) {
	t.Parallel()
	var bucket *counting
	h := build(t, doors{bucket: func(b object.Bucket) object.Bucket {
		bucket = &counting{Bucket: b}
		return bucket
	}})
	const objects = 10
	for i := range objects {
		h.put(t, fmt.Sprintf("in/%d.csv", i), lines(i*10, i*10+10))
	}
	l := h.mustLoad(t, load.Order{Source: h.source(t, "in/*", source.Format{}), Dataset: "d"})
	if n := bucket.reads.Load(); n != objects || l.Progress.Rows != objects*10 {
		t.Errorf("%d reads of %d objects, %d rows", n, objects, l.Progress.Rows)
	}
	if l.Progress.BytesRead != l.Progress.Bytes {
		t.Errorf("%d of %d bytes read", l.Progress.BytesRead, l.Progress.Bytes)
	}
}

// Markers and empty objects next to the data are ignored, unless the source
// includes them.
func TestMarkersAreIgnored(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.put(t, "in/a.csv", lines(0, 10))
	h.put(t, "in/_SUCCESS", "")
	h.put(t, "in/a.csv.crc", lines(90, 91))
	h.put(t, "in/empty.csv", "")
	l := h.mustLoad(t, load.Order{Source: h.source(t, "in/*", source.Format{}), Dataset: "d"})
	if l.Progress.Objects != 1 || l.Progress.Rows != 10 || len(l.Problems) > 0 {
		t.Errorf("%+v %+v", l.Progress, l.Problems)
	}
	all := h.source(t, "in/*", source.Format{IncludeMarkers: true})
	if l := h.mustLoad(t, load.Order{Source: all, Dataset: "e"}); l.Progress.Objects != 4 || len(l.Problems) != 2 {
		t.Errorf("with markers: %+v %+v", l.Progress, l.Problems)
	}
}
