package limit

import (
	"sync"
	"time"
)

// Rates has token buckets with a separate rate for each key. A bucket holds the
// requests of a minute. It is safe for concurrent use.
type Rates struct {
	now func() time.Time

	mu      sync.Mutex
	buckets map[string]bucket
	swept   time.Time
}

// NewRates returns rates without buckets.
func NewRates(now func() time.Time) *Rates { return &Rates{now: now, buckets: map[string]bucket{}} }

// Take counts one request of a key that may have perMinute requests per minute, and
// reports whether it is allowed.
func (r *Rates) Take(key string, perMinute int64) (Level, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, burst := r.now(), float64(perMinute)
	rate := burst / time.Minute.Seconds()
	after := func(requests float64) time.Duration {
		return time.Duration(requests / rate * float64(time.Second))
	}
	level := burst
	if kept, ok := r.buckets[key]; ok {
		level = min(burst, kept.level+max(0, now.Sub(kept.at).Seconds())*rate)
	} else if len(r.buckets) >= maxKeys {
		r.sweep(now)
	}
	if level < 1 {
		return Level{Wait: after(1 - level), Reset: after(burst - level)}, false
	}
	level--
	r.buckets[key] = bucket{level, now}
	return Level{Left: int(level), Reset: after(burst - level)}, true
}

// sweep drops buckets that weren't used for a minute, because they are full.
func (r *Rates) sweep(now time.Time) {
	if now.Sub(r.swept) < time.Second {
		return
	}
	r.swept = now
	for key, kept := range r.buckets {
		if now.Sub(kept.at) >= time.Minute {
			delete(r.buckets, key)
		}
	}
}
