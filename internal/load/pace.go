package load

import (
	"strconv"
	"sync"
	"time"
)

// drainTime is the time for which responses to requests from before a halving may
// arrive.
const drainTime = time.Second

// pace limits how many objects a load reads at once. It is halved for the rest of the
// load when S3 throttles.
type pace struct {
	now   func() time.Time
	usual int // the feed's setting

	mu     sync.Mutex
	atOnce int
	halved time.Time
	reduce func(n int) // of the queue that is open; nil: none
}

// slow halves the limit. What is throttled at the same time counts once.
func (p *pace) slow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.atOnce <= 1 || !p.halved.IsZero() && now.Sub(p.halved) < drainTime {
		return
	}
	before := p.atOnce
	p.atOnce, p.halved = max(1, before/2), now //nolint:mnd // a half
	if p.reduce != nil {
		p.reduce(before - p.atOnce)
	}
}

// most returns the limit.
func (p *pace) most() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.atOnce
}

// begin calls reduce now and with each halving, with how many fewer than usual are read
// at once, until end is called.
func (p *pace) begin(reduce func(n int)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reduce = reduce
	if n := p.usual - p.atOnce; n > 0 {
		reduce(n)
	}
}

// end ends what begin began.
func (p *pace) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reduce = nil
}

// noteIn notes that the load was throttled.
func (p *pace) noteIn(s *status) {
	if most := p.most(); most < p.usual {
		s.note("S3 throttled the load, which then read at most %s at once instead of %d.", counted(most, "object"),
			p.usual)
	}
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
