package assume

import (
	"context"
	"encoding/hex"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/windlass-io/windlass/internal/telemetry/hits"
)

const (
	maxSessions  = 10_000           // in the cache
	expiryMargin = time.Minute      // a session that expires sooner isn't returned
	renewMargin  = 10 * time.Minute // a session that expires sooner is renewed
	retryPeriod  = 30 * time.Second // between two attempts to renew a valid session
)

// key identifies a session.
type key struct {
	integration string
	digest      [32]byte
}

// cached is a session from the cache.
type cached struct {
	Session
	due bool // time to renew it
}

type entry struct {
	session Session
	created time.Time
	failed  time.Time // time of the last failed renewal
}

// cache keeps sessions in memory. One caller at a time renews each.
type cache struct {
	flight   singleflight.Group
	requests hits.Counter

	mu          sync.Mutex
	entries     map[key]entry
	generations map[string]int // number of forget calls by integration
}

func newCache() *cache {
	return &cache{entries: map[key]entry{}, generations: map[string]int{}}
}

// session returns the session for a key, if it isn't about to expire.
func (c *cache) session(k key, now time.Time) (cached, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[k]
	if !ok || !now.Before(e.session.Keys.Expires.Add(-expiryMargin)) {
		return cached{}, false
	}
	left, lifetime := e.session.Keys.Expires.Sub(now), e.session.Keys.Expires.Sub(e.created)
	due := left < min(renewMargin, lifetime/4) && now.Sub(e.failed) > retryPeriod
	return cached{Session: e.session, due: due}, true
}

// refresh calls assume once for all concurrent callers with the same key, and
// stores the result. The call continues when one of the callers gives up.
//
// A caller may look into the cache before another call ends, and get here
// after. So refresh looks into the cache again first.
func (c *cache) refresh(
	ctx context.Context, k key, now func() time.Time, assume func(context.Context) (Session, error),
) (Session, error) {
	generation := c.generation(k.integration)
	flight := k.integration + strconv.Itoa(generation) + hex.EncodeToString(k.digest[:])
	result := c.flight.DoChan(flight, func() (any, error) {
		if found, ok := c.session(k, now()); ok && !found.due {
			return found.Session, nil
		}
		session, err := assume(context.WithoutCancel(ctx))
		c.store(k, generation, session, err, now())
		return session, err
	})
	select {
	case <-ctx.Done():
		return Session{}, ctx.Err()
	case r := <-result:
		if r.Err != nil {
			return Session{}, r.Err
		}
		return r.Val.(Session), nil
	}
}

// store stores the result of a call, unless the integration was forgotten
// while the call was running.
func (c *cache) store(k key, generation int, session Session, err error, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.generations[k.integration] != generation {
		return
	}
	switch {
	case err == nil:
		c.makeRoom(now)
		c.entries[k] = entry{session: session, created: now}
	case isDenied(err):
		delete(c.entries, k)
	default:
		if e, ok := c.entries[k]; ok {
			e.failed = now
			c.entries[k] = e
		}
	}
}

// makeRoom drops expired sessions, and arbitrary ones when that isn't enough.
func (c *cache) makeRoom(now time.Time) {
	if len(c.entries) < maxSessions {
		return
	}
	for k, e := range c.entries {
		if !now.Before(e.session.Keys.Expires) {
			delete(c.entries, k)
		}
	}
	for k := range c.entries {
		if len(c.entries) < maxSessions {
			return
		}
		delete(c.entries, k)
	}
}

func (c *cache) forget(integration string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generations[integration]++
	for k := range c.entries {
		if k.integration == integration {
			delete(c.entries, k)
		}
	}
}

func (c *cache) generation(integration string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.generations[integration]
}
