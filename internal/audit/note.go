package audit

import (
	"time"

	"github.com/windlass-io/windlass/internal/access"
)

// NoteOf makes the entry of what came of an act, for [Recorder.Note]: who did
// it, one sentence, and AWS's request IDs, by which the customer finds the
// calls in CloudTrail. Empty IDs are left out, and an ID stands once.
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
