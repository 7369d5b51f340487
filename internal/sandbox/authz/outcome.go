package authz

import (
	"cmp"
	"context"

	"github.com/windlass-io/windlass/iam"
)

// Outcome is how a request ended, for all the decisions that it took. Its
// fields are the authorizer's; make it by [WithOutcome].
type Outcome struct {
	status  int
	code    string
	decided bool // by a decision that is kept
}

type outcomeKey struct{}

// WithOutcome returns a context for one request. Decisions made with it get the
// outcome that [Authorizer.Finish] sets.
func WithOutcome(ctx context.Context) (context.Context, *Outcome) {
	outcome := &Outcome{}
	return context.WithValue(ctx, outcomeKey{}, outcome), outcome
}

// Refusal is a request that was refused before any decision: its signature was
// invalid, its session had expired, or the service was unavailable.
type Refusal struct {
	RequestID string
	Principal string // ARN, access key ID, or empty for an anonymous caller
	Action    string // "s3:GetObject"; without the name when it is not known
	Resource  string // an ARN, or "*"
	Message   string // why, in AWS's words
}

// Finish sets how a request ended: its HTTP status, and AWS's code for an error.
// A request that was refused before any decision is recorded as refusal
// describes it.
func (a *Authorizer) Finish(outcome *Outcome, status int, code string, refusal func() Refusal) {
	a.ring.mu.Lock()
	defer a.ring.mu.Unlock()
	outcome.status, outcome.code = status, code
	if code != "" && !outcome.decided {
		r := refusal()
		request := &iam.Request{Principal: iam.Principal{ARN: r.Principal}, Action: r.Action, Resource: r.Resource}
		a.ring.add(
			entry{
				time:      a.config.Now().UTC(),
				requestID: r.RequestID,
				request:   request,
				outcome:   outcome,
				refused:   cmp.Or(r.Message, code),
			},
		)
	}
	a.ring.notify()
}
