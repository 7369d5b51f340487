package authz

import (
	"cmp"
	"context"

	"github.com/windlass-io/windlass/iam"
)

// Outcome is the outcome of a request, for all its decisions. Create it with
// [WithOutcome].
type Outcome struct {
	status  int
	code    string
	decided bool // by a decision that was recorded
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
	Action    string // such as "s3:GetObject"; only the service if the action isn't known
	Resource  string // an ARN, or "*"
	Message   string // the reason in AWS's words
}

// Finish sets a request's outcome: its HTTP status, and AWS's code for an
// error. For a request that was refused before any decision, Finish records
// the result of refusal.
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
				question:  question{request: request},
				outcome:   outcome,
				refused:   cmp.Or(r.Message, code),
			},
		)
	}
	a.ring.notify()
}
