package authz

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/explain"
	"github.com/windlass-io/windlass/iam/reference"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// kept is the number of decisions that an authorizer keeps.
const kept = 1000

// Decision is the decision on one call.
type Decision struct {
	Sequence  int64     `json:"sequence"` // from 1; one more for each call
	Time      time.Time `json:"time"`
	RequestID string    `json:"request_id"`
	Principal string    `json:"principal"` // ARN, or "anonymous"
	Service   string    `json:"service"`   // "s3"
	Action    string    `json:"action"`
	Resource  string    `json:"resource"`
	// "allow", "explicitDeny" or "implicitDeny"; "refused" for a call that was
	// rejected before a decision
	Effect      string              `json:"effect"`
	Status      int                 `json:"status"`                    // HTTP status; 0 while the call is in progress
	Code        string              `json:"code"`                      // AWS's error code, or ""
	Explanation string              `json:"explanation"`               // the reason, in one sentence
	Keys        map[string][]string `json:"keys"`                      // the condition keys that the request carried
	Message     string              `json:"encoded_message,omitempty"` // of a denial, for DecodeAuthorizationMessage
	// the full explanation of each statement; nil for a refusal
	Trace *explain.Trace `json:"trace"`
}

// ring keeps the latest decisions. Explanations are only built when the
// decisions are read.
type ring struct {
	mu      sync.Mutex
	entries [kept]entry
	next    int
	changed chan struct{} // closed at the next decision; nil while nobody waits
}

type entry struct {
	time      time.Time
	requestID string
	caller    *directory.Caller // nil for a refusal
	question  question
	decision  iam.Decision
	outcome   *Outcome
	refused   string // the reason of a refusal
}

func (e *entry) service() string {
	service, _, _ := strings.Cut(strings.ToLower(e.question.request.Action), ":")
	return service
}

func (e *entry) effect() string {
	if e.refused != "" {
		return "refused"
	}
	return e.decision.Effect.String()
}

// add records an entry. The caller holds the lock.
func (r *ring) add(e entry) {
	r.entries[r.next%kept] = e
	r.next++
}

// notify wakes the goroutines that wait for a change. The caller holds the lock.
func (r *ring) notify() {
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}

func (a *Authorizer) keep(
	ctx context.Context,
	now time.Time,
	call *Call,
	q question,
	decision iam.Decision,
) {
	outcome, known := ctx.Value(outcomeKey{}).(*Outcome)
	if !known {
		outcome = &Outcome{}
	}
	a.ring.mu.Lock()
	outcome.decided = true
	a.ring.add(entry{now, call.RequestID, call.Caller, q, decision, outcome, ""})
	a.ring.notify()
	a.ring.mu.Unlock()
	if decision.Allowed() {
		return
	}
	trace, request := explained(call.Caller, &q), q.request
	a.config.Logger.InfoContext(ctx, "call denied", "request_id", call.RequestID, "principal", name(request.Principal),
		"action", request.Action, "resource", request.Resource, "effect", decision.Effect.String(),
		"explanation", trace.Reason, "fix", trace.Fix)
}

// explained returns the trace of a decision: which statement decided, and why
// each statement applied or didn't.
func explained(caller *directory.Caller, q *question) *explain.Trace {
	title := func(kind iam.Kind, index int) string {
		if kind == iam.ServiceControl || kind == iam.ResourceControl {
			return q.guardrails.Title(kind, index)
		}
		return caller.Title(kind, index)
	}
	return explain.Explain(q.policies, q.request, explain.Options{Carries: reference.Carries, Title: title})
}

// Last returns up to n decisions, the newest first.
func (a *Authorizer) Last(n int) []Decision { return a.Find(Filter{Limit: n}) }

// Find returns the decisions that match a filter, newest first.
func (a *Authorizer) Find(f Filter) []Decision {
	a.ring.mu.Lock()
	if f.Limit <= 0 || f.Limit > kept {
		f.Limit = kept
	}
	var found []Decision
	var entries []entry
	for i := range min(kept, a.ring.next) {
		sequence := int64(a.ring.next - i)
		e := a.ring.entries[(a.ring.next-1-i)%kept]
		if sequence <= f.After || len(found) == f.Limit {
			break
		}
		if f.matches(sequence, &e) {
			found = append(found, Decision{Sequence: sequence, Status: e.outcome.status, Code: e.outcome.code})
			entries = append(entries, e)
		}
	}
	a.ring.mu.Unlock()
	for i := range found {
		a.describe(&found[i], &entries[i])
	}
	return found
}

// describe fills in a decision from its entry.
func (a *Authorizer) describe(d *Decision, e *entry) {
	request := e.question.request
	d.Time, d.RequestID, d.Principal, d.Service = e.time, e.requestID, name(request.Principal), e.service()
	d.Action, d.Resource, d.Effect, d.Keys = request.Action, request.Resource, e.effect(), map[string][]string{}
	if e.refused != "" {
		d.Explanation = e.refused
		return
	}
	d.Trace = explained(e.caller, &e.question)
	d.Explanation = d.Trace.Reason
	for _, key := range request.Context.Keys() {
		d.Keys[key] = request.Context.Values(key)
	}
	if !e.decision.Allowed() {
		d.Message, _ = a.EncodeMessage(*d) // without it the rest is still useful
	}
}

// Changed returns a channel that is closed at the next decision and when the
// outcome of one is known.
func (a *Authorizer) Changed() <-chan struct{} {
	a.ring.mu.Lock()
	defer a.ring.mu.Unlock()
	if a.ring.changed == nil {
		a.ring.changed = make(chan struct{})
	}
	return a.ring.changed
}

func name(p iam.Principal) string {
	if p.Service != "" {
		return p.Service
	}
	if p.ARN == "" {
		return p.Type.String()
	}
	return p.ARN
}
