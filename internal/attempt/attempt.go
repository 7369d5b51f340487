// Package attempt limits failed attempts with passwords, links and tokens. All
// nodes share the counts through the state, so that more nodes don't allow more
// guesses.
//
// A caller takes an attempt from each bucket before it tries, and returns them
// if the attempt succeeds. So only failures count, and concurrent guesses
// can't share one attempt.
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

// Name returns a bucket's name for a kind and what it counts. It hashes the
// parts, because strangers send them, at any length and possibly with secrets.
func Name(kind string, parts ...string) string {
	sum := sha256.New()
	for _, part := range parts {
		_, _ = sum.Write([]byte(part))
		_, _ = sum.Write([]byte{0})
	}
	return kind + ":" + hex.EncodeToString(sum.Sum(nil)[:16])
}

// Store stores the buckets.
type Store interface {
	// TakeAttempts takes one attempt from each bucket, or from none if one is
	// empty. In that case wait is the time until it has an attempt again, else
	// 0.
	TakeAttempts(ctx context.Context, buckets []Bucket, now time.Time) (wait time.Duration, err error)
	// ReturnAttempts puts one attempt back into each bucket.
	ReturnAttempts(ctx context.Context, buckets []Bucket) error
	// PruneAttempts deletes full buckets.
	PruneAttempts(ctx context.Context, now time.Time) error
}

// The limits of what a node keeps in memory.
const (
	maxEmpty   = 10_000 // buckets known to be empty
	pruneEvery = time.Minute
)

// Counter counts attempts. It is safe for concurrent use.
type Counter struct {
	store Store
	now   func() time.Time

	mu     sync.Mutex
	empty  map[string]time.Time // until when a bucket is empty; saves queries of the state during an attack
	pruned time.Time
}

// New returns a counter.
func New(store Store, now func() time.Time) *Counter {
	return &Counter{store: store, now: now, empty: map[string]time.Time{}}
}

// Take takes one attempt from each bucket. If one is empty, it takes none and
// returns a problem with code rate_limited that says when to try again.
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

// Return returns the attempts after a success.
func (c *Counter) Return(ctx context.Context, buckets ...Bucket) error {
	return c.store.ReturnAttempts(ctx, buckets)
}

// known returns the remaining time for which a bucket is known to be empty. It
// only works for a single bucket, because of several buckets it isn't known
// which one was empty.
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

// spell formats a wait in whole seconds or minutes, rounded up.
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
