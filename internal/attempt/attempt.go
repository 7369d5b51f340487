// Package attempt counts failures: of passwords, links, tokens. All nodes share
// the counts through the state, so that a second node gives nobody more guesses.
//
// A caller takes an attempt from each bucket before it tries, and returns them
// when the try succeeds: only failures count, and guesses that run at the same
// time can't share one attempt.
package attempt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// Bucket allows Size attempts and regains one every Every.
type Bucket struct {
	Name  string // see Name
	Size  int
	Every time.Duration
}

// Name makes a bucket's name of a kind and what it counts. What strangers send
// is hashed: it has no bound and may hold a secret.
func Name(kind string, parts ...string) string {
	sum := sha256.New()
	for _, part := range parts {
		_, _ = sum.Write([]byte(part))
		_, _ = sum.Write([]byte{0})
	}
	return kind + ":" + hex.EncodeToString(sum.Sum(nil)[:16])
}

// Store keeps the buckets.
type Store interface {
	// TakeAttempts takes one attempt from each bucket, or from none when one is
	// empty; wait is then how long it takes to fill, else 0.
	TakeAttempts(ctx context.Context, buckets []Bucket, now time.Time) (wait time.Duration, err error)
	// ReturnAttempts puts one attempt back into each bucket.
	ReturnAttempts(ctx context.Context, buckets []Bucket) error
	// PruneAttempts deletes full buckets.
	PruneAttempts(ctx context.Context, now time.Time) error
}

// The bounds of what a node remembers.
const (
	maxEmpty   = 10_000 // buckets that are known to be empty
	pruneEvery = time.Minute
)

// Counter counts. It is safe for concurrent use.
type Counter struct {
	store Store
	now   func() time.Time

	mu     sync.Mutex
	empty  map[string]time.Time // until when a bucket is empty; spares the state under attack
	pruned time.Time
}

// New returns a counter.
func New(store Store, now func() time.Time) *Counter {
	return &Counter{store: store, now: now, empty: map[string]time.Time{}}
}

// Take takes one attempt from each bucket. When one is empty, it takes none and
// returns an error of code rate_limited that says when to try again.
func (c *Counter) Take(ctx context.Context, buckets ...Bucket) error {
	now := c.now()
	if wait := c.known(buckets, now); wait > 0 {
		return limited(wait)
	}
	if err := c.prune(ctx, now); err != nil {
		return err
	}
	wait, err := c.store.TakeAttempts(ctx, buckets, now)
	if err != nil {
		return err
	}
	if wait > 0 {
		c.remember(buckets, now.Add(wait))
		return limited(wait)
	}
	return nil
}

// Return puts the attempts of a try that succeeded back.
func (c *Counter) Return(ctx context.Context, buckets ...Bucket) error {
	return c.store.ReturnAttempts(ctx, buckets)
}

// known returns how long a bucket is still empty that was found empty before.
// It applies to a single bucket only: of several it isn't known which was empty.
func (c *Counter) known(buckets []Bucket, now time.Time) time.Duration {
	if len(buckets) != 1 {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(0, c.empty[buckets[0].Name].Sub(now))
}

func (c *Counter) remember(buckets []Bucket, until time.Time) {
	if len(buckets) != 1 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.empty) >= maxEmpty {
		clear(c.empty)
	}
	c.empty[buckets[0].Name] = until
}

// prune deletes full buckets, once a minute.
func (c *Counter) prune(ctx context.Context, now time.Time) error {
	c.mu.Lock()
	due := now.Sub(c.pruned) >= pruneEvery
	if due {
		c.pruned = now
	}
	c.mu.Unlock()
	if !due {
		return nil
	}
	return c.store.PruneAttempts(ctx, now)
}

func limited(wait time.Duration) error {
	return problem.New(problem.RateLimited, "Too many attempts.").WithHint("Try again in %s.", spell(wait)).
		WithRetry(wait)
}

// spell writes a wait in whole seconds or minutes, rounded up.
func spell(wait time.Duration) string {
	if seconds := int64((wait + time.Second - 1) / time.Second); seconds < 60 {
		return plural(seconds, "second")
	}
	return plural(int64((wait+time.Minute-1)/time.Minute), "minute")
}

func plural(n int64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.FormatInt(n, 10) + " " + unit + "s"
}
