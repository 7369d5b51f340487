package token

import (
	"context"
	"crypto/subtle"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/origin"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry/hits"
)

const (
	cacheFor   = 2 * time.Second // a token and its maker aren't read again for so long
	cacheSize  = 10_000
	touchEvery = time.Minute // precision of Token.UsedAt
)

// Authenticate returns the actor for a token's text, with the current role of
// its maker. If the token is unknown, expired or revoked, or its maker left,
// the error has the code unauthenticated and doesn't say which.
func (s *Service) Authenticate(ctx context.Context, text string) (access.Actor, error) {
	if !WellFormed(text) {
		return access.Actor{}, unknown()
	}
	now, hash := s.config.Now(), HashOf(text)
	if found, ok := s.cache.get(hash, now); ok {
		return found.actor, found.token.validAt(now)
	}
	since := s.cache.changes()
	found, err := s.config.Store.TokenByHash(ctx, hash)
	if problem.Is(err, problem.NotFound) || err == nil && subtle.ConstantTimeCompare(found.Hash[:], hash[:]) == 0 {
		return access.Actor{}, unknown()
	}
	if err != nil {
		return access.Actor{}, err
	}
	if err := found.validAt(now); err != nil {
		return access.Actor{}, err
	}
	if found.idle(now) {
		return access.Actor{}, unknown()
	}
	actor, err := s.actor(ctx, &found)
	if err != nil {
		return access.Actor{}, err
	}
	if now.Sub(found.UsedAt) >= touchEvery {
		if err := s.config.Store.TouchToken(ctx, found.ID, now); err != nil {
			return access.Actor{}, err
		}
	}
	s.cache.put(cached{found, actor, now.Add(cacheFor)}, since)
	return actor, nil
}

// actor returns the token as an actor: its maker's role narrowed by its scopes.
func (s *Service) actor(ctx context.Context, found *Token) (access.Actor, error) {
	maker, err := s.makerOf(ctx, found)
	if err != nil && !problem.Is(err, problem.Unauthenticated) {
		return access.Actor{}, err
	}
	if err != nil || maker.Kind != access.Member || maker.Member != found.Maker || maker.Workspace != found.Workspace {
		return access.Actor{}, unknown()
	}
	maker.Token, maker.Scopes, maker.Limits = found.ID, found.Scopes, found.Limits
	switch found.Kind {
	case Session:
		maker.Fresh = access.Fresh(found.CreatedAt, s.config.Now())
	case Personal:
		maker.Kind = access.Personal
	case Secret:
		maker.Kind, maker.ID, maker.Name = access.Secret, found.ID, found.Name
	case Publishable:
		maker.Kind, maker.ID, maker.Name = access.Publishable, found.ID, found.Name
		// they were checked when they were set
		maker.CacheSeconds = found.CacheSeconds
		maker.Pages, _ = origin.Parse(found.AllowedOrigins, found.AllowedReferers)
	default:
		return access.Actor{}, unknown()
	}
	return maker, nil
}

// makerOf returns the token's maker. It reads the member only once, because every
// request calls it.
func (s *Service) makerOf(ctx context.Context, found *Token) (access.Actor, error) {
	if found.Kind == Session {
		return s.config.Members.SessionHolder(ctx, found.Maker, found.CreatedAt)
	}
	return s.config.Members.Holder(ctx, found.Maker)
}

// validAt returns an error if the token is revoked or expired.
func (t *Token) validAt(now time.Time) error {
	if !t.RevokedAt.IsZero() || !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt) {
		return unknown()
	}
	return nil
}

func unknown() error {
	return problem.New(problem.Unauthenticated, "This token is unknown, revoked or expired.").
		WithReason("token_invalid").
		WithHint("Create a token under API tokens in the console, or with windlass token create.")
}

// cache has the tokens that were used recently.
type cache struct {
	requests hits.Counter

	mu      sync.RWMutex
	found   map[Hash]cached
	changed int // how often it was cleared
}

type cached struct {
	token Token
	actor access.Actor
	until time.Time
}

func newCache() *cache { return &cache{found: map[Hash]cached{}} }

func (c *cache) get(hash Hash, now time.Time) (cached, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	entry, ok := c.found[hash]
	return entry, c.requests.Count(ok && now.Before(entry.until))
}

// changes returns the number of times the cache was cleared, for put.
func (c *cache) changes() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.changed
}

// put adds an entry that was read when changes returned since. A later change
// may concern this token, so the entry is then dropped.
func (c *cache) put(entry cached, since int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changed != since {
		return
	}
	if len(c.found) >= cacheSize {
		clear(c.found)
	}
	c.found[entry.token.Hash] = entry
}

func (c *cache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.found)
	c.changed++
}
