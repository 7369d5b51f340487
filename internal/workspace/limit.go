package workspace

import (
	"sync"
	"time"
)

// The bounds of sign-in attempts: this many, then one more each interval.
const (
	attemptsPerEmail   = 8
	attemptsPerAddress = 40
	attemptInterval    = time.Minute
	maxTracked         = 20_000 // addresses and e-mail addresses kept in memory
)

// limiter counts attempts in memory: a bucket for each name, which fills with
// one attempt an interval. A node that starts again begins anew.
type limiter struct {
	mu      sync.Mutex
	buckets map[string]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

func newLimiter() *limiter { return &limiter{buckets: map[string]bucket{}} }

// take takes an attempt from a name's bucket of this size, and says whether
// there was one.
func (l *limiter) take(name string, size float64, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, known := l.buckets[name]
	if !known {
		l.sweep(now)
		b = bucket{left: size, at: now}
	}
	if passed := now.Sub(b.at); passed > 0 {
		b.left, b.at = min(size, b.left+float64(passed)/float64(attemptInterval)), now
	}
	ok := b.left >= 1
	if ok {
		b.left--
	}
	l.buckets[name] = b
	return ok
}

// sweep drops what is full again when there are many; when none is, all: too
// many names to count is an attack that a later count will still meet.
func (l *limiter) sweep(now time.Time) {
	if len(l.buckets) < maxTracked {
		return
	}
	for name, b := range l.buckets {
		if now.Sub(b.at) > attemptsPerAddress*attemptInterval {
			delete(l.buckets, name)
		}
	}
	if len(l.buckets) >= maxTracked {
		clear(l.buckets)
	}
}
