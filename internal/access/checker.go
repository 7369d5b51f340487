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
	if err := c.recorder.Record(ctx, c.decision(actor, action, resource, verdict)); err != nil {
		return unrecorded(err)
	}
	return verdict.err()
}

// Ahead is Check for reads that must be quick: an allowed read may begin while
// its decision is still being written. Nothing that was read may leave before
// wait, which is called once, has answered nil. A refusal comes at once.
func (c *Checker) Ahead(ctx context.Context, actor Actor, action Action, resource Resource) (wait func() error, err error) {
	verdict := decide(actor, action, resource)
	recorder, ok := c.recorder.(AheadRecorder)
	if verdict.refusal != nil || !ok {
		return func() error { return nil }, c.Check(ctx, actor, action, resource)
	}
	recorded, err := recorder.RecordAhead(ctx, c.decision(actor, action, resource, verdict))
	if err != nil {
		return nil, unrecorded(err)
	}
	return func() error {
		if err := recorded(ctx); err != nil {
			return unrecorded(err)
		}
		return nil
	}, nil
}

// AheadRecorder is a [Recorder] that takes a decision at once and tells later,
// by wait, whether it is kept.
type AheadRecorder interface {
	RecordAhead(ctx context.Context, decision Decision) (wait func(context.Context) error, err error)
}

func (c *Checker) decision(actor Actor, action Action, resource Resource, v verdict) Decision {
	return Decision{
		Time: c.now(), Actor: actor, Action: action, Resource: resource,
		Allowed: v.refusal == nil, Reason: v.reason,
	}
}

func unrecorded(cause error) error {
	return problem.Wrap(cause, problem.Unavailable, "The audit could not record this, so it was not done.").
		WithHint("Try again in a moment; the service's log says what is wrong with the state database.")
}

// Missing is the answer for a thing that is not there, and for one that is not
// the caller's to see: "There is no dataset ds_01….".
func Missing(kind, id string) *problem.Error {
	return problem.New(problem.NotFound, "There is no %s %s.", kind, id)
}
