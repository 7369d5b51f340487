package authz

import (
	"context"
	"sync"
	"time"

	"github.com/windlass-io/windlass/iam"
)

// kept is how many decisions an authorizer remembers.
const kept = 1000

// Decision is one call that was decided.
type Decision struct {
	Time        time.Time           `json:"time"`
	RequestID   string              `json:"request_id"`
	Principal   string              `json:"principal"` // ARN, or "anonymous"
	Action      string              `json:"action"`
	Resource    string              `json:"resource"`
	Effect      string              `json:"effect"` // "allow", "explicitDeny", "implicitDeny"
	Explanation string              `json:"explanation"`
	Keys        map[string][]string `json:"keys"`                      // the condition keys that the request carried
	Message     string              `json:"encoded_message,omitempty"` // of a denial, for DecodeAuthorizationMessage
}

// ring is the last decisions, as they were asked; they are explained only
// when somebody looks.
type ring struct {
	mu      sync.Mutex
	entries [kept]entry
	next    int
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
	entries := make([]entry, 0, n)
	for i := range n {
		entries = append(entries, a.ring.entries[(a.ring.next-1-i)%kept])
	}
	a.ring.mu.Unlock()
	decisions := make([]Decision, len(entries))
	for i, e := range entries {
		decisions[i] = Decision{
			Time: e.time, RequestID: e.requestID, Principal: name(e.request.Principal), Action: e.request.Action,
			Resource: e.request.Resource, Effect: e.decision.Effect.String(),
			Explanation: explanation(e.policies, e.request, e.decision), Keys: map[string][]string{},
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

func name(p iam.Principal) string {
	if p.ARN == "" {
		return p.Type.String()
	}
	return p.ARN
}
