package load_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/source"
)

// manySmall is a bucket of many objects of one row. It counts its calls.
type manySmall struct {
	object.Bucket
	objects      int
	lists, reads atomic.Int64
}

func (b *manySmall) info(i int) object.Info {
	return object.Info{
		Key: fmt.Sprintf("in/%07d.csv", i), Size: int64(len(b.content(i))), ETag: strconv.Itoa(i),
		Modified: time.Unix(int64(i), 0),
	}
}

func (b *manySmall) content(i int) string { return fmt.Sprintf("id\n%d\n", i) }

func (b *manySmall) List(_ context.Context, _, cursor string, limit int) (object.Page, error) {
	b.lists.Add(1)
	from, _ := strconv.Atoi(cursor) // 0 at first
	var page object.Page
	for i := from; i < min(from+limit, b.objects); i++ {
		page.Objects = append(page.Objects, b.info(i))
	}
	if from+limit < b.objects {
		page.Next = strconv.Itoa(from + limit)
	}
	return page, nil
}

func (b *manySmall) Read(_ context.Context, key string, _ object.ReadOptions) (io.ReadCloser, object.Info, error) {
	b.reads.Add(1)
	i, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(key, "in/"), ".csv"))
	return io.NopCloser(strings.NewReader(b.content(i))), b.info(i), err
}

// lookedUp counts the keys that are looked up in the ledger.
type lookedUp struct {
	load.Rows
	keys atomic.Int64
}

func (r *lookedUp) History(ctx context.Context, sourceID, datasetID string, keys []string) (
	[]engine.LedgerEntry, error,
) {
	r.keys.Add(int64(len(keys)))
	return r.Rows.History(ctx, sourceID, datasetID, keys)
}

// TestCallsOfManySmallObjects counts the calls of a load of many objects: they grow with the
// number of objects alone, also when most are known. WINDLASS_TEST_OBJECTS sets it.
func TestCallsOfManySmallObjects(t *testing.T) {
	t.Parallel()
	n, err := strconv.Atoi(cmp.Or(os.Getenv("WINDLASS_TEST_OBJECTS"), "3000"))
	if err != nil {
		t.Fatal(err)
	}
	const page = 1000
	bucket, ledger := &manySmall{objects: n}, &lookedUp{}
	h := build(t, doors{
		bucket: func(object.Bucket) object.Bucket { return bucket },
		rows: func(rows load.Rows) load.Rows {
			ledger.Rows = rows
			return ledger
		},
	})
	src := h.source(t, "in/**", source.Format{})
	loads := int64(0)
	for {
		loads++
		l := h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
		if l.Outcome == load.Partial {
			t.Fatalf("load %d: %+v", loads, l.Problems)
		}
		if l.Progress.Objects == 0 {
			break
		}
	}
	if got := h.count(t, "d"); got != int64(n) {
		t.Errorf("%d rows, want %d", got, n)
	}
	// The objects of the sample that aren't kept open are read again.
	if reads := bucket.reads.Load(); reads < int64(n) || reads > int64(n)+100 {
		t.Errorf("%d reads of %d objects", reads, n)
	}
	if most := loads * int64(n/page+1); bucket.lists.Load() > most {
		t.Errorf("%d pages were listed in %d loads, want %d at most", bucket.lists.Load(), loads, most)
	}
	if keys := ledger.keys.Load(); keys > 2*loads*int64(n) {
		t.Errorf("%d keys were looked up in the ledger in %d loads of %d objects", keys, loads, n)
	}
}
