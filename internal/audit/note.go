package audit

import (
	"time"

	"github.com/windlass-io/windlass/internal/access"
)

// NoteOf returns the entry for the result of an action, for [Recorder.Note]:
// the actor, one sentence, and AWS's request IDs, by which the customer finds
// the calls in CloudTrail. It omits empty and duplicate IDs.
func NoteOf(at time.Time, actor access.Actor, action access.Action, resource access.Resource, reason string,
	requestIDs ...string,
) Entry {
	e := entryOf(access.Decision{
		Time: at, Actor: actor, Action: action, Resource: resource, Allowed: true,
		Reason: reason,
	})
	e.Outcome = Done
	seen := map[string]bool{"": true}
	for _, id := range requestIDs {
		if !seen[id] {
			seen[id] = true
			e.AWSRequestIDs = append(e.AWSRequestIDs, id)
		}
	}
	return e
}
