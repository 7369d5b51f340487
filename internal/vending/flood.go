package vending

import (
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// The bounds of refusals of tokens that nobody vouches for: this many from one
// address, then some more each second. Good tokens are never counted.
const (
	floodSize    = 500
	floodRefill  = 5 // a second
	floodTracked = 10_000
)

// flood counts refusals by address, in memory: a bucket for each, which fills
// again. It keeps strangers from writing the audit full.
type flood struct {
	mu      sync.Mutex
	buckets map[string]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

// take takes one from an address's bucket, and says whether there was one.
func (f *flood) take(address string, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.buckets) >= floodTracked {
		clear(f.buckets) // too many addresses to count: a later count will still meet them
	}
	b, known := f.buckets[address]
	if !known {
		b = bucket{left: floodSize, at: now}
	}
	if passed := now.Sub(b.at); passed > 0 {
		b.left, b.at = min(floodSize, b.left+passed.Seconds()*floodRefill), now
	}
	ok := b.left >= 1
	if ok {
		b.left--
	}
	f.buckets[address] = b
	return ok
}

// shed says that a refusal is one too many to be recorded. It comes before a
// token is verified alone: who has a good token is always recorded.
func (s *Service) shed(a *attempt, r *refusal) error {
	if a.member || a.provider.ID != "" || s.flood.take(a.address, s.config.Now()) {
		return nil
	}
	return problem.Wrap(r, problem.RateLimited, "Too many tokens of this address were refused.").WithHint("Try again in a minute.")
}
