package load

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of what a running load shows.
const (
	maxCurrent = 8 // keys
	rateOver   = 10 * time.Second
)

// meter measures a running load. It is safe for concurrent use.
type meter struct {
	now      func() time.Time
	read     atomic.Int64 // bytes of objects, as stored
	unpacked atomic.Int64

	mu      sync.Mutex
	current []string // keys that are being read, in the order in which they began
	from    reading  // the beginning of the interval over which the rate is measured
	last    reading
}

// reading is the number of bytes at a time.
type reading struct {
	at    time.Time
	bytes int64
}

// reset forgets what an earlier pass read.
func (m *meter) reset() {
	m.read.Store(0)
	m.unpacked.Store(0)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.current, m.from, m.last = nil, reading{at: m.now()}, reading{at: m.now()}
}

// begin marks an object as being read, until end.
func (m *meter) begin(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.current = append(m.current, key)
}

func (m *meter) end(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.Index(m.current, key); i >= 0 {
		m.current = slices.Delete(m.current, i, i+1)
	}
}

// show sets what a load has read, and how fast.
func (m *meter) show(p *Progress, state State) {
	p.BytesRead, p.Unpacked = m.read.Load(), m.unpacked.Load()
	p.Current, p.RateBytes, p.ETASeconds = nil, 0, nil
	if state != Reading {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	p.Current = slices.Clone(m.current[:min(len(m.current), maxCurrent)])
	now := m.now()
	p.RateBytes = m.rate(now, p.BytesRead)
	if left := p.Bytes - p.BytesRead; p.RateBytes > 0 && left >= 0 {
		seconds := (left + p.RateBytes - 1) / p.RateBytes
		p.ETASeconds = &seconds
	}
}

// rate returns the bytes for each second, over the last seconds.
func (m *meter) rate(now time.Time, bytes int64) int64 {
	if now.Sub(m.last.at) >= rateOver {
		m.from, m.last = m.last, reading{now, bytes}
	}
	took := now.Sub(m.from.at).Seconds()
	if took <= 0 {
		return 0
	}
	return int64(float64(bytes-m.from.bytes) / took)
}
