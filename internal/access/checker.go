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

// RecordingChecker is the [Checker] of the service. It is safe for concurrent use.
type RecordingChecker struct {
	recorder Recorder
	reads    ReadCounter // nil: reads are recorded one by one
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

// Read is Check for reads of rows, which must be quick: an allowed read may start
// while its decision is still being written, or is only counted in a summary. A
// refusal is recorded and returned at once.
func (c *RecordingChecker) Read(ctx context.Context, actor Actor, action Action, resource Resource) (Read, error) {
	verdict := decide(actor, action, resource)
	decision := c.decision(actor, action, resource, verdict)
	if verdict.refusal == nil && c.reads != nil {
		return c.count(ctx, decision)
	}
	recorder, ok := c.recorder.(AheadRecorder)
	if verdict.refusal != nil || !ok {
		return Read{}, c.Check(ctx, actor, action, resource)
	}
	recorded, err := recorder.RecordAhead(ctx, decision)
	if err != nil {
		return Read{}, unrecorded(err)
	}
	return Read{wait: func() error {
		if err := recorded(ctx); err != nil {
			return unrecorded(err)
		}
		return nil
	}}, nil
}

func (c *RecordingChecker) count(ctx context.Context, decision Decision) (Read, error) {
	done, err := c.reads.CountRead(ctx, decision)
	if err != nil {
		return Read{}, unrecorded(err)
	}
	return Read{done: done}, nil
}

// Read is an allowed read. The zero value is a recorded one.
type Read struct {
	wait func() error
	done func(rows, bytes int64)
}

// Wait returns nil when rows may leave the process. It is called once.
func (r Read) Wait() error {
	if r.wait == nil {
		return nil
	}
	return r.wait()
}

// Done adds what the read returned to its summary. It is called at most once.
func (r Read) Done(rows, bytes int64) {
	if r.done != nil {
		r.done(rows, bytes)
	}
}

// ReadCounter counts allowed reads and records summaries of them.
type ReadCounter interface {
	// CountRead counts a read. done, which is called at most once, adds its rows
	// and bytes. The error says that summaries can't be recorded.
	CountRead(ctx context.Context, decision Decision) (done func(rows, bytes int64), err error)
}

// CountReads makes the checker count allowed reads instead of recording them
// one by one. Call it before the checker is used.
func (c *RecordingChecker) CountReads(counter ReadCounter) { c.reads = counter }

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
	return problem.Wrap(cause, problem.Unavailable, "The audit log couldn't record this, so it wasn't done.").
		WithHint("Try again in a moment. The service's log has the cause.")
}
