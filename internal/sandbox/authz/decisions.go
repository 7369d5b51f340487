package authz

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/explain"
	"github.com/windlass-io/windlass/iam/reference"
)

// kept is how many decisions an authorizer remembers.
const kept = 1000

// Decision is one call that was decided.
type Decision struct {
	Sequence    int64               `json:"sequence"` // from 1; one more for each call
	Time        time.Time           `json:"time"`
	RequestID   string              `json:"request_id"`
	Principal   string              `json:"principal"` // ARN, or "anonymous"
	Service     string              `json:"service"`   // "s3"
	Action      string              `json:"action"`
	Resource    string              `json:"resource"`
	Effect      string              `json:"effect"` // "allow", "explicitDeny", "implicitDeny"
	Explanation string              `json:"explanation"`
	Keys        map[string][]string `json:"keys"`                      // the condition keys that the request carried
	Message     string              `json:"encoded_message,omitempty"` // of a denial, for DecodeAuthorizationMessage
	Trace       *explain.Trace      `json:"trace"`                     // the same in full: each statement, and why it applied or not
}

// ring is the last decisions, as they were asked; they are explained only
// when somebody looks.
type ring struct {
	mu      sync.Mutex
	entries [kept]entry
	next    int
	changed chan struct{} // closed at the next decision; nil while nobody waits
}

type entry struct {
	time      time.Time
	requestID string
	policies  *iam.Policies
	request   *iam.Request
	decision  iam.Decision
}

func (a *Authorizer) keep(ctx context.Context, now time.Time, call *Call, policies *iam.Policies, request *iam.Request, decision iam.Decision) {
	a.ring.mu.Lock()
	a.ring.entries[a.ring.next%kept] = entry{now, call.RequestID, policies, request, decision}
	a.ring.next++
	if a.ring.changed != nil {
		close(a.ring.changed)
		a.ring.changed = nil
	}
	a.ring.mu.Unlock()
	if decision.Allowed() {
		return
	}
	a.config.Logger.InfoContext(ctx, "call denied", "request_id", call.RequestID, "principal", name(request.Principal),
		"action", request.Action, "resource", request.Resource, "effect", decision.Effect.String(),
		"explanation", explanation(policies, request, decision))
}

// Last gives up to n decisions, the newest first.
func (a *Authorizer) Last(n int) []Decision {
	a.ring.mu.Lock()
	n = min(n, kept, a.ring.next)
	newest := int64(a.ring.next)
	entries := make([]entry, 0, n)
	for i := range n {
		entries = append(entries, a.ring.entries[(a.ring.next-1-i)%kept])
	}
	a.ring.mu.Unlock()
	decisions := make([]Decision, len(entries))
	for i, e := range entries {
		service, _, _ := strings.Cut(strings.ToLower(e.request.Action), ":")
		decisions[i] = Decision{
			Sequence: newest - int64(i), Time: e.time, RequestID: e.requestID, Principal: name(e.request.Principal), Service: service, Action: e.request.Action,
			Resource: e.request.Resource, Effect: e.decision.Effect.String(),
			Explanation: explanation(e.policies, e.request, e.decision), Keys: map[string][]string{},
			Trace: explain.Explain(e.policies, e.request, explain.Options{Carries: reference.Carries}),
		}
		for _, key := range e.request.Context.Keys() {
			decisions[i].Keys[key] = e.request.Context.Values(key)
		}
		if !e.decision.Allowed() {
			decisions[i].Message, _ = a.EncodeMessage(decisions[i]) // without it the rest is as good
		}
	}
	return decisions
}

// Changed gives what is closed at the next decision.
func (a *Authorizer) Changed() <-chan struct{} {
	a.ring.mu.Lock()
	defer a.ring.mu.Unlock()
	if a.ring.changed == nil {
		a.ring.changed = make(chan struct{})
	}
	return a.ring.changed
}

func name(p iam.Principal) string {
	if p.ARN == "" {
		return p.Type.String()
	}
	return p.ARN
}
