package schedule

import (
	"slices"
	"time"
)

// How late a fire time may be seen.
const (
	onTime     = time.Minute    // later than that, it was missed
	catchUpFor = 24 * time.Hour // how old a missed fire time may be to start a load still
	catchUpAll = 24             // how many of them [All] starts
	maxMissed  = 10_000         // how many missed fire times are recorded, the newest
)

// due describes what a node must do for a schedule that is due.
type due struct {
	missed []time.Time // recorded, and no load is started
	fire   []time.Time // in order
	next   time.Time
}

// dueAt returns what is due at a moment. The schedule's NextAt must not be later.
func (s *Schedule) dueAt(now time.Time) due {
	var passed []time.Time
	at, next := s.NextAt, s.times()
	for !at.IsZero() && !at.After(now) {
		passed = append(passed, at)
		if len(passed) > maxMissed {
			passed = passed[1:]
		}
		at = next(at)
	}
	out := due{next: at}
	late := len(passed)
	if late > 0 && now.Sub(passed[late-1]) <= onTime {
		late--
		out.fire = passed[late:]
	}
	caught := late
	for caught > 0 && late-caught < s.CatchUp.most() && now.Sub(passed[caught-1]) < catchUpFor &&
		s.catches(len(out.fire)) {
		caught--
	}
	out.fire = slices.Concat(passed[caught:late], out.fire)
	out.missed = passed[:caught]
	return out
}

// most returns how many missed fire times start a load.
func (c CatchUp) most() int {
	switch c {
	case Last:
		return 1
	case All:
		return catchUpAll
	default:
		return 0
	}
}

// catches reports whether missed fire times start loads, given the number of
// fire times that are on time: a load that starts now makes up for the last
// missed one.
func (s *Schedule) catches(onTime int) bool { return s.CatchUp == All || onTime == 0 }
