package access

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// Checker decides and records. It may be used from many goroutines at once.
type Checker struct {
	recorder Recorder
	now      func() time.Time
}

// NewChecker makes the one door: recorder keeps what it decides.
func NewChecker(recorder Recorder, now func() time.Time) *Checker {
	return &Checker{recorder: recorder, now: now}
}

// Check answers nil when the actor may do the action to the resource. The
// decision, either way, is recorded before it is answered; what cannot be
// recorded is refused as unavailable. A refusal is unauthenticated for nobody,
// not_found for what lies in another workspace, in the words of [Missing], and
// forbidden for the rest.
func (c *Checker) Check(ctx context.Context, actor Actor, action Action, resource Resource) error {
	verdict := decide(actor, action, resource)
	err := c.recorder.Record(ctx, Decision{
		Time: c.now(), Actor: actor, Action: action, Resource: resource,
		Allowed: verdict.refusal == nil, Reason: verdict.reason,
	})
	if err != nil {
		return problem.Wrap(err, problem.Unavailable, "The audit could not record this, so it was not done.").
			WithHint("Try again in a moment; the service's log says what is wrong with the state database.")
	}
	if verdict.refusal != nil {
		return verdict.refusal
	}
	return nil
}

// Missing is the answer for a thing that is not there, and for one that is not
// the caller's to see: "There is no dataset ds_01….".
func Missing(kind, id string) *problem.Error {
	return problem.New(problem.NotFound, "There is no %s %s.", kind, id)
}
