package segment

import "github.com/windlass-io/windlass/internal/telemetry/hits"

// CacheBytes returns how many bytes of pages the cache holds.
func (e *Engine) CacheBytes() int64 { return e.cache.Size() }

// MaxCacheBytes returns how many bytes of pages the cache may hold.
func (e *Engine) MaxCacheBytes() int64 { return e.config.MemoryBytes / cacheShare }

// CacheRequests counts what the caches of decoded pages and of footers had.
func (e *Engine) CacheRequests() (pages, footers *hits.Counter) {
	return &e.cache.Requests, &e.files.footers
}

// SortBytes returns how many bytes of rows loads sort in memory.
func (e *Engine) SortBytes() int64 { return e.sorting.Load() }

// MaxSortBytes returns how many bytes of rows a load may sort in memory.
func (e *Engine) MaxSortBytes() int64 { return e.config.RunBytes }

// countRun counts the bytes of the rows that the load has in memory.
func (l *load) countRun(size int64) {
	l.engine.sorting.Add(size - l.counted)
	l.counted = size
}
