package dataset

import (
	"context"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/telemetry/hits"
)

// cacheSize limits how many datasets a [Cache] keeps.
const cacheSize = 10_000

// Finder finds datasets by name or ID.
type Finder interface {
	Dataset(ctx context.Context, workspace, nameOrID string) (Dataset, error)
}

// Cache is a [Finder] that caches results. Changes in this process are visible
// immediately, because they call Forget; changes in other processes become
// visible when entries expire. It is safe for concurrent use.
type Cache struct {
	source Finder
	keep   time.Duration
	now    func() time.Time

	// Requests counts what the cache had.
	Requests hits.Counter

	mu      sync.RWMutex
	found   map[cacheKey]cachedDataset
	changes int // number of calls of Forget
}

type cacheKey struct{ workspace, nameOrID string }

type cachedDataset struct {
	dataset Dataset
	until   time.Time
}

// NewCache returns an empty cache that keeps each dataset for a duration. If keep is
// 0, it caches nothing. Use 0 if several nodes share the state, because a read on one
// node must see the schema that a load on another has just committed.
func NewCache(source Finder, keep time.Duration, now func() time.Time) *Cache {
	return &Cache{source: source, keep: keep, now: now, found: map[cacheKey]cachedDataset{}}
}

// Dataset returns a dataset. The result is shared and must not be changed.
func (c *Cache) Dataset(ctx context.Context, workspace, nameOrID string) (Dataset, error) {
	if c.keep == 0 {
		return c.source.Dataset(ctx, workspace, nameOrID)
	}
	key, now := cacheKey{workspace, nameOrID}, c.now()
	c.mu.RLock()
	known, ok := c.found[key]
	changes := c.changes
	c.mu.RUnlock()
	if c.Requests.Count(ok && now.Before(known.until)) {
		return known.dataset, nil
	}
	found, err := c.source.Dataset(ctx, workspace, nameOrID)
	if err != nil {
		return found, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changes == changes { // otherwise the dataset may be older than the change
		if len(c.found) >= cacheSize {
			clear(c.found)
		}
		c.found[key] = cachedDataset{found, now.Add(c.keep)}
	}
	return found, nil
}

// Forget removes a workspace's datasets from the cache.
func (c *Cache) Forget(workspace string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes++
	for key := range c.found {
		if key.workspace == workspace {
			delete(c.found, key)
		}
	}
}
