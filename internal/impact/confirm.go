package impact

import (
	"github.com/windlass-io/windlass/internal/problem"
)

// Confirmation is a caller's consent to an impact.
type Confirmation struct {
	name   string
	waived bool
}

// Confirmed consents to the act on the thing with this name. An empty name
// consents to harmless acts only.
func Confirmed(name string) Confirmation { return Confirmation{name: name} }

// Waived is the consent of callers that can't be asked: the platform's own
// routes, and parts of the service.
func Waived() Confirmation { return Confirmation{waived: true} }

// Check returns nil if the action may happen, else an [*UnconfirmedError].
func (i *Impact) Check(given Confirmation) error {
	if given.waived || i.Harmless() || given.name == i.Confirm {
		return nil
	}
	e := problem.New(problem.Conflict, "This needs confirmation: %s", i.Summary())
	if given.name != "" {
		e = problem.New(problem.Conflict, "The confirmation doesn't match the name %q: %s", i.Confirm, i.Summary())
	}
	return &UnconfirmedError{
		Problem: e.WithHint("To continue, repeat the request with confirm set to %q.", i.Confirm),
		Impact:  *i,
	}
}

// UnconfirmedError reports an action that wasn't confirmed. It has the code
// conflict and carries the impact, which the caller can show.
type UnconfirmedError struct {
	Problem *problem.Error
	Impact  Impact
}

// Error returns the problem's message.
func (e *UnconfirmedError) Error() string { return e.Problem.Error() }

// Unwrap returns the problem.
func (e *UnconfirmedError) Unwrap() error { return e.Problem }
