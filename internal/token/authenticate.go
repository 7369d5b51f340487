package token

import (
	"context"
	"crypto/subtle"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
)

const (
	cacheFor   = 10 * time.Second // a found token is not looked up again for so long
	cacheSize  = 10_000
	touchEvery = time.Minute // how exact Token.UsedAt is
)

// Authenticate tells who a token belongs to. One that is not known, expired or
// revoked is a problem of code unauthenticated; which of these it is, is not
// said.
func (s *Service) Authenticate(ctx context.Context, text string) (access.Actor, error) {
	if !WellFormed(text) {
		return access.Actor{}, unknown()
	}
	now, hash := s.config.Now(), HashOf(text)
	if found, ok := s.cache.get(hash, now); ok {
		if !found.valid(now) {
			return access.Actor{}, unknown()
		}
		return s.actor(ctx, &found)
	}
	since := s.cache.revocations()
	found, err := s.config.Store.TokenByHash(ctx, hash)
	if problem.Is(err, problem.NotFound) || (err == nil && (subtle.ConstantTimeCompare(found.Hash[:], hash[:]) == 0 || !found.valid(now))) {
		return access.Actor{}, unknown()
	}
	if err != nil {
		return access.Actor{}, err
	}
	if now.Sub(found.UsedAt) >= touchEvery {
		if err := s.config.Store.TouchToken(ctx, found.ID, now); err != nil {
			return access.Actor{}, err
		}
	}
	s.cache.put(found, now, since)
	return s.actor(ctx, &found)
}

// actor is who comes with a token. The member of a personal one is looked up
// each time: one who was removed, or is something else now, is so at once.
func (s *Service) actor(ctx context.Context, found *Token) (access.Actor, error) {
	if found.Kind != Personal {
		return found.actor(), nil
	}
	member, err := s.config.Members.Holder(ctx, found.Member)
	if err != nil && !problem.Is(err, problem.Unauthenticated) {
		return access.Actor{}, err
	}
	if err != nil || member.Kind != access.Member || member.ID != found.Member || member.Workspace != found.Workspace {
		return access.Actor{}, unknown()
	}
	return member, nil
}

func unknown() error {
	return problem.New(problem.Unauthenticated, "This token is not known, or it is revoked or expired.").
		WithHint("Make a token under API tokens in the console, or with windlass token create.")
}

// cache keeps the tokens that were found lately.
type cache struct {
	mu      sync.RWMutex
	found   map[Hash]cached
	revoked int // how often a token was dropped
}

type cached struct {
	token Token
	until time.Time
}

func newCache() *cache { return &cache{found: map[Hash]cached{}} }

func (c *cache) get(hash Hash, now time.Time) (Token, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	entry, ok := c.found[hash]
	return entry.token, ok && now.Before(entry.until)
}

// revocations tells how often a token was dropped, for put.
func (c *cache) revocations() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.revoked
}

// put keeps a token that was read after so many revocations: one that came
// since may have been of this token, and is not to be undone. A full cache is
// emptied first.
func (c *cache) put(t Token, now time.Time, since int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.revoked != since {
		return
	}
	if len(c.found) >= cacheSize {
		clear(c.found)
	}
	c.found[t.Hash] = cached{t, now.Add(cacheFor)}
}

func (c *cache) drop(hash Hash) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.found, hash)
	c.revoked++
}
