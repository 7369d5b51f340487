package limit

import (
	"math"
	"sync"
	"time"
)

// maxKeys limits the buckets of one kind. Keys beyond it share
// one bucket, so that a flood of addresses can't fill the memory.
const maxKeys = 65_536

// others is the key of the shared bucket.
const others = ""

// Buckets are token buckets by key: each holds up to a burst of requests and
// refills at a steady rate. It is safe for concurrent use.
type Buckets struct {
	rate  float64 // per second
	burst float64
	now   func() time.Time

	mu      sync.Mutex
	buckets map[string]bucket
	swept   time.Time
}

type bucket struct {
	level float64 // requests left
	at    time.Time
}

// Level is a bucket after a request.
type Level struct {
	Left  int           // requests that are allowed immediately
	Wait  time.Duration // until the next request is allowed; 0 when one is allowed now
	Reset time.Duration // until the bucket is full
}

// NewBuckets returns buckets that hold burst requests and refill perSecond.
func NewBuckets(burst int, perSecond float64, now func() time.Time) *Buckets {
	return &Buckets{rate: perSecond, burst: float64(burst), now: now, buckets: map[string]bucket{}}
}

// Take counts one request of a key and reports whether it is allowed. A
// refused request takes nothing from the bucket.
func (b *Buckets) Take(key string) (Level, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	key = b.admit(key, now)
	level := b.level(key, now)
	if level < 1 {
		return Level{Wait: b.after(1 - level), Reset: b.after(b.burst - level)}, false
	}
	level--
	b.buckets[key] = bucket{level, now}
	return Level{Left: int(level), Reset: b.after(b.burst - level)}, true
}

// level returns how full the bucket of a key is.
func (b *Buckets) level(key string, now time.Time) float64 {
	kept, ok := b.buckets[key]
	if !ok {
		return b.burst
	}
	return min(b.burst, kept.level+max(0, now.Sub(kept.at).Seconds())*b.rate)
}

// after returns the time until this many requests are refilled.
func (b *Buckets) after(requests float64) time.Duration {
	return time.Duration(math.Ceil(requests / b.rate * float64(time.Second)))
}

// admit makes room for a new key, or returns the key of the shared bucket. At
// most once per second it drops full buckets, because a missing bucket counts
// as full.
func (b *Buckets) admit(key string, now time.Time) string {
	if _, ok := b.buckets[key]; ok || len(b.buckets) < maxKeys {
		return key
	}
	if now.Sub(b.swept) >= time.Second {
		b.swept = now
		for k := range b.buckets {
			if b.level(k, now) >= b.burst {
				delete(b.buckets, k)
			}
		}
	}
	if len(b.buckets) < maxKeys {
		return key
	}
	return others
}

// Len returns the number of buckets.
func (b *Buckets) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.buckets)
}
