package load_test

import (
	"context"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/source"
)

// dated is a bucket whose objects were written a minute apart, in the order of their
// keys. It counts the open ones.
type dated struct {
	object.Bucket
	mu         sync.Mutex
	open, most int
}

func (b *dated) List(ctx context.Context, prefix, cursor string, limit int) (object.Page, error) {
	page, err := b.Bucket.List(ctx, prefix, cursor, limit)
	for i := range page.Objects {
		page.Objects[i].Modified = time.Unix(int64(60*i), 0)
	}
	return page, err
}

func (b *dated) Read(ctx context.Context, key string, options object.ReadOptions) (io.ReadCloser, object.Info, error) {
	content, info, err := b.Bucket.Read(ctx, key, options)
	if err != nil {
		return nil, info, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open++
	b.most = max(b.most, b.open)
	return &openBody{ReadCloser: content, bucket: b}, info, nil
}

// openBody counts its end once.
type openBody struct {
	io.ReadCloser
	bucket *dated
	once   sync.Once
}

func (c *openBody) Close() error {
	c.once.Do(func() {
		c.bucket.mu.Lock()
		defer c.bucket.mu.Unlock()
		c.bucket.open--
	})
	return c.ReadCloser.Close()
}

// TestOrderAndObjectsAtOnce loads objects in both orders, one at a time and
// concurrently.
func TestOrderAndObjectsAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		order  feed.Order
		atOnce int
		want   []string
	}{
		"oldest, one at once": {feed.OldestFirst, 1, []string{"0", "1", "2", "3", "4", "5"}},
		"newest, one at once": {feed.NewestFirst, 1, []string{"5", "4", "3", "2", "1", "0"}},
		"newest, four":        {feed.NewestFirst, 4, []string{"5", "4", "3", "2", "1", "0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var bucket *dated
			h := build(t, doors{bucket: func(b object.Bucket) object.Bucket {
				bucket = &dated{Bucket: b}
				return bucket
			}})
			id := h.feedWith(t, h.source(t, "*", source.Format{}), "d", func(s *feed.Settings) {
				s.Order, s.ObjectsAtOnce = c.order, c.atOnce
			})
			for i := range len(c.want) {
				h.put(t, fmt.Sprintf("%d.csv", i), fmt.Sprintf("id,n\n%d,1\n", i))
			}
			h.mustLoad(t, load.Order{Feed: id})
			if diff := cmp.Diff(c.want, h.values(t, "d", "id")); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
			if most := 3*c.atOnce - 2; bucket.most > most { // while the columns are guessed
				t.Errorf("%d objects were open at once, want %d at most", bucket.most, most)
			}
			bucket.most = 0
			h.mustLoad(t, load.Order{Feed: id, Kind: load.Replay, Select: load.Selection{All: true}})
			if bucket.most > c.atOnce {
				t.Errorf("%d objects were open at once, want %d at most", bucket.most, c.atOnce)
			}
		})
	}
}
