package assume

import (
	"context"
	"encoding/hex"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	maxKept     = 10_000           // sessions kept
	endMargin   = time.Minute      // a session that ends sooner is not given out
	dueMargin   = 10 * time.Minute // a session that ends sooner is asked for anew
	retryPeriod = 30 * time.Second // between two tries to renew what still works
)

// key tells sessions apart.
type key struct {
	integration string
	digest      [32]byte
}

// kept is a session, and whether it is time for a new one.
type kept struct {
	Session
	due bool
}

type entry struct {
	session Session
	made    time.Time
	tried   time.Time // last renewal that failed
}

// cache keeps sessions in memory, and lets one caller at a time renew each.
type cache struct {
	flight singleflight.Group

	mu          sync.Mutex
	entries     map[key]entry
	generations map[string]int // of each integration: counts what was forgotten
}

func newCache() *cache {
	return &cache{entries: map[key]entry{}, generations: map[string]int{}}
}

// session gives what is kept and still works.
func (c *cache) session(k key, now time.Time) (kept, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[k]
	if !ok || !now.Before(e.session.Keys.Expires.Add(-endMargin)) {
		return kept{}, false
	}
	left, whole := e.session.Keys.Expires.Sub(now), e.session.Keys.Expires.Sub(e.made)
	due := left < min(dueMargin, whole/4) && now.Sub(e.tried) > retryPeriod
	return kept{Session: e.session, due: due}, true
}

// refresh runs ask once for all who wait for the same key, and keeps what it
// gives. The call goes on when one of those who wait gives up. Who looked into
// the cache before a flight ended, and joins after it has, begins another one:
// so the flight itself looks once more, and asks nobody when there is nothing
// left to ask.
func (c *cache) refresh(ctx context.Context, k key, now func() time.Time, ask func(context.Context) (Session, error)) (Session, error) {
	generation := c.generation(k.integration)
	flight := k.integration + strconv.Itoa(generation) + hex.EncodeToString(k.digest[:])
	answer := c.flight.DoChan(flight, func() (any, error) {
		if kept, ok := c.session(k, now()); ok && !kept.due {
			return kept.Session, nil
		}
		session, err := ask(context.WithoutCancel(ctx))
		c.keep(k, generation, session, err, now())
		return session, err
	})
	select {
	case <-ctx.Done():
		return Session{}, ctx.Err()
	case a := <-answer:
		if a.Err != nil {
			return Session{}, a.Err
		}
		return a.Val.(Session), nil
	}
}

// keep stores what ask gave, unless the integration was forgotten meanwhile.
func (c *cache) keep(k key, generation int, session Session, err error, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.generations[k.integration] != generation {
		return
	}
	switch {
	case err == nil:
		c.makeRoom(now)
		c.entries[k] = entry{session: session, made: now}
	case refused(err):
		delete(c.entries, k)
	default:
		if e, ok := c.entries[k]; ok {
			e.tried = now
			c.entries[k] = e
		}
	}
}

// makeRoom drops what has ended, and any entry when that is not enough.
func (c *cache) makeRoom(now time.Time) {
	if len(c.entries) < maxKept {
		return
	}
	for k, e := range c.entries {
		if !now.Before(e.session.Keys.Expires) {
			delete(c.entries, k)
		}
	}
	for k := range c.entries {
		if len(c.entries) < maxKept {
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
