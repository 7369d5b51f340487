package access

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// Checker decides whether an actor may do an action, and records the decision.
// *[RecordingChecker] implements it.
type Checker interface {
	Check(ctx context.Context, actor Actor, action Action, resource Resource) error
}

// RecordingChecker is the [Checker] of the service. It may be used from many
// goroutines at once.
type RecordingChecker struct {
	recorder Recorder
	now      func() time.Time
}

// NewChecker returns a checker that stores its decisions in recorder.
func NewChecker(recorder Recorder, now func() time.Time) *RecordingChecker {
	return &RecordingChecker{recorder: recorder, now: now}
}

// Check returns nil when the actor may do the action to the resource. It records
// the decision, allowed or denied, before it returns; when it can't, the error
// has the code unavailable. A refusal has the code unauthenticated when nobody
// is signed in, not_found when the resource belongs to another workspace (worded
// as [Missing]), and forbidden otherwise.
func (c *RecordingChecker) Check(ctx context.Context, actor Actor, action Action, resource Resource) error {
	verdict := decide(actor, action, resource)
	if err := c.recorder.Record(ctx, c.decision(actor, action, resource, verdict)); err != nil {
		return unrecorded(err)
	}
	return verdict.refusal
}

// Ahead is Check for reads that must be quick: an allowed read may start while
// its decision is still being written. No row may leave before wait, which is
// called once, returns nil. A refusal is returned at once.
func (c *RecordingChecker) Ahead(ctx context.Context, actor Actor, action Action,
	resource Resource,
) (wait func() error, err error) {
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

// AheadRecorder is a [Recorder] that accepts a decision at once; wait then
// reports whether it is stored.
type AheadRecorder interface {
	RecordAhead(ctx context.Context, decision Decision) (wait func(context.Context) error, err error)
}

func (c *RecordingChecker) decision(actor Actor, action Action, resource Resource, v verdict) Decision {
	return Decision{
		Time: c.now(), Actor: actor, Action: action, Resource: resource,
		Allowed: v.refusal == nil, Reason: v.reason,
	}
}

func unrecorded(cause error) error {
	return problem.Wrap(cause, problem.Unavailable, "The audit couldn't record this, so it wasn't done.").
		WithHint("Try again in a moment. The service's log has the cause.")
}
