// Package hits counts what a cache had and what it missed.
package hits

import "sync/atomic"

// Counter counts the requests to a cache. Its zero value is ready, and it is safe for
// concurrent use.
type Counter struct{ hits, misses atomic.Int64 }

// Count counts a request, and returns whether it was a hit.
func (c *Counter) Count(hit bool) bool {
	if hit {
		c.hits.Add(1)
	} else {
		c.misses.Add(1)
	}
	return hit
}

// Hits returns the number of requests that the cache answered.
func (c *Counter) Hits() int64 { return c.hits.Load() }

// Misses returns the number of requests that it couldn't answer.
func (c *Counter) Misses() int64 { return c.misses.Load() }
