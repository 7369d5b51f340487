package parquetfile

import (
	"fmt"

	"github.com/maypok86/otter/v2"

	"github.com/windlass-io/windlass/internal/telemetry/hits"
)

// Cache caches decoded pages of all files, up to a number of bytes. It is
// safe for concurrent use.
type Cache struct {
	pages *otter.Cache[pageKey, *page] // nil if the cache is off

	Requests hits.Counter
}

// pageKey identifies a page by the number of its reader, the column and the
// page. A dictionary has its own page in each row group.
type pageKey struct {
	reader uint64
	column int32
	page   int32 // -1-g for the dictionary of row group g
}

// NewCache returns a cache of at most size bytes. A size of 0 turns it off.
func NewCache(size int64) (*Cache, error) {
	if size <= 0 {
		return &Cache{}, nil
	}
	pages, err := otter.New(&otter.Options[pageKey, *page]{
		MaximumWeight: uint64(size),
		Weigher:       func(_ pageKey, p *page) uint32 { return p.weight() },
	})
	if err != nil {
		return nil, fmt.Errorf("making the page cache: %w", err)
	}
	return &Cache{pages: pages}, nil
}

// Close stops the cache's background work.
func (c *Cache) Close() {
	if c.pages != nil {
		c.pages.StopAllGoroutines()
	}
}

// Size returns the total size of the cached pages in bytes.
func (c *Cache) Size() int64 {
	if c.pages == nil {
		return 0
	}
	return int64(c.pages.WeightedSize())
}

func (c *Cache) get(key pageKey) *page {
	if c.pages == nil {
		return nil
	}
	p, ok := c.pages.GetIfPresent(key)
	c.Requests.Count(ok)
	return p
}

func (c *Cache) put(key pageKey, p *page) {
	if c.pages != nil {
		c.pages.Set(key, p)
	}
}
