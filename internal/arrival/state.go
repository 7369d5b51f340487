package arrival

import (
	"fmt"
	"time"
)

// State is the state of a source's events.
type State string

// The states.
const (
	Off       State = "off"
	Unproven  State = "unproven"  // the queue responds; nothing was seen or missed yet
	Listening State = "listening" // events were seen, and the last list missed nothing
	Partial   State = "partial"   // events were seen, and the last list found objects that they missed
	Silent    State = "silent"    // no event was seen, and the last list found objects
	Failing   State = "failing"   // the queue doesn't respond
	Attention State = "attention" // the rows of deleted objects stay until a person decides
	Paused    State = "paused"
)

// failingAfter is how long a queue may fail before the state is [Failing].
const failingAfter = 5 * time.Minute

// Judge returns the state of a source's events and the reason. last is the last
// complete list, or nil, and kept is the number of deleted objects whose rows stay
// although the feed removes them.
func (s *Setting) Judge(last *List, kept int, now time.Time) (state State, reason string) {
	seen := !s.Seen.LastEvent.IsZero() || !s.Seen.TestEvent.IsZero()
	missed := last != nil && last.Missed > 0
	refused := s.Seen.Fault != "" && s.Seen.LastReceive.IsZero()
	switch {
	case s.Paused:
		return Paused, "Events stay in the queue until you resume."
	case refused || !s.Seen.FailingSince.IsZero() && now.Sub(s.Seen.FailingSince) >= failingAfter:
		return Failing, s.Seen.Fault
	case kept > 0:
		return Attention, fmt.Sprintf("%d deleted objects still have their rows, because many were deleted at once or a "+
			"load failed. If they were deleted on purpose, run windlass source events list %s --apply-deletes.", kept,
			s.SourceID)
	case missed && seen:
		return Partial, "The last list found objects without an event. Check the events and the filter of the notification."
	case missed:
		return Silent, "No event has arrived, but the last list found new objects. Set the bucket's notification."
	case !seen:
		return Unproven, "No event of the bucket has arrived yet."
	default:
		return Listening, ""
	}
}
