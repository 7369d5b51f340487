package dataset

import (
	"context"
	"sync"
	"time"
)

// cacheSize is how many datasets a [Cache] keeps.
const cacheSize = 10_000

// Finder finds datasets by name or ID.
type Finder interface {
	Dataset(ctx context.Context, workspace, nameOrID string) (Dataset, error)
}

// Cache is a [Finder] that keeps what it found. Changes of this process end what
// it keeps at once, by Forget; those of other processes only with time. It is
// safe for concurrent use.
type Cache struct {
	source Finder
	keep   time.Duration
	now    func() time.Time

	mu      sync.RWMutex
	found   map[cacheKey]cachedDataset
	changes int // how often something was forgotten
}

type cacheKey struct{ workspace, nameOrID string }

type cachedDataset struct {
	dataset Dataset
	until   time.Time
}

// NewCache returns an empty cache, which doesn't read a dataset again for a time. With
// 0 it keeps nothing: several nodes share the state, and a read at one must see the
// schema that a load at another has just committed with its rows.
func NewCache(source Finder, keep time.Duration, now func() time.Time) *Cache {
	return &Cache{source: source, keep: keep, now: now, found: map[cacheKey]cachedDataset{}}
}

// Dataset returns a dataset. What it returns is shared and must not be changed.
func (c *Cache) Dataset(ctx context.Context, workspace, nameOrID string) (Dataset, error) {
	if c.keep == 0 {
		return c.source.Dataset(ctx, workspace, nameOrID)
	}
	key, now := cacheKey{workspace, nameOrID}, c.now()
	c.mu.RLock()
	known, ok := c.found[key]
	changes := c.changes
	c.mu.RUnlock()
	if ok && now.Before(known.until) {
		return known.dataset, nil
	}
	found, err := c.source.Dataset(ctx, workspace, nameOrID)
	if err != nil {
		return found, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changes == changes { // else what was read may be older than the change
		if len(c.found) >= cacheSize {
			clear(c.found)
		}
		c.found[key] = cachedDataset{found, now.Add(c.keep)}
	}
	return found, nil
}

// Forget ends what is kept of a workspace's datasets.
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
