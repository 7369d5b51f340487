package event

import (
	"cmp"
	"strings"
)

// Order is the order of two events of one key.
type Order string

// The orders.
const (
	Newer   Order = "newer" // the second event is newer than the first
	Older   Order = "older"
	Same    Order = "same"
	Unknown Order = "unknown" // the events can't be compared
)

// Mark is an event's place among those of its key.
type Mark struct {
	Form      Form
	Sequencer string
}

// Compare returns whether next is newer or older than last. Sequencers are
// compared as text, padded with zeros on the right. Those of two forms, and
// events without one, can't be compared.
func Compare(last, next Mark) Order {
	if last.Form != next.Form || !sequencerPattern.MatchString(last.Sequencer) ||
		!sequencerPattern.MatchString(next.Sequencer) {
		return Unknown
	}
	a, b := strings.ToLower(last.Sequencer), strings.ToLower(next.Sequencer)
	length := max(len(a), len(b))
	a += strings.Repeat("0", length-len(a))
	b += strings.Repeat("0", length-len(b))
	switch cmp.Compare(a, b) {
	case -1:
		return Newer
	case 1:
		return Older
	default:
		return Same
	}
}

// Waiting is the pending work for a key.
type Waiting struct {
	Action Action
	Mark   Mark
}

// Merge returns the waiting state of a key after another event has arrived.
// The order is Newer if the event replaces it, Older for a stale one, Same for
// a duplicate, and Unknown if the bucket must decide, which is final.
func Merge(waits Waiting, action Action, mark Mark) (Waiting, Order) {
	if waits.Action == Check {
		return waits, Unknown
	}
	order := Compare(waits.Mark, mark)
	switch order {
	case Newer:
		waits = Waiting{action, mark}
	case Unknown:
		waits = Waiting{Action: Check}
	case Older, Same:
	}
	return waits, order
}
