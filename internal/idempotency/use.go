package idempotency

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// useAge is how long an actor's use is counted in memory before it is read from
// the store again.
const useAge = time.Minute

// maxUses limits the actors that are counted at the same time.
const maxUses = 10_000

// use counts what is stored for an actor.
type use struct {
	at          time.Time
	keys, bytes int64
}

// admit returns an error if too much is stored for an actor.
func (s *Service) admit(ctx context.Context, actor string, now time.Time) error {
	s.mu.Lock()
	known := s.uses[actor]
	s.mu.Unlock()
	if known == nil || now.Sub(known.at) >= useAge {
		keys, bytes, err := s.config.Store.IdempotencyUse(ctx, actor)
		if err != nil {
			return err
		}
		s.remember(actor, &use{now, keys, bytes})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.uses[actor]; u == nil || u.keys < MaxKeys && u.bytes < MaxBytes {
		return nil
	}
	return problem.New(problem.RateLimited, "The limit of stored responses for this token is reached: %d requests "+
		"or %d MiB.",
		MaxKeys, MaxBytes>>20).WithReason("quota").WithRetry(10 * time.Minute).
		WithHint("Send the request without an Idempotency-Key, or wait: responses are stored for 24 hours.")
}

func (s *Service) remember(actor string, u *use) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.uses) >= maxUses {
		clear(s.uses)
	}
	s.uses[actor] = u
}

// count adds to an actor's use.
func (s *Service) count(actor string, keys, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.uses[actor]; u != nil {
		u.keys += keys
		u.bytes += bytes
	}
}
