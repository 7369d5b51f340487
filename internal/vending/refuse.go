package vending

import (
	"context"
	"errors"
	"fmt"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/security"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
)

// refusal is the reason why a request gets no credentials. It is for the audit
// and for explanations, not for the caller.
type refusal struct {
	step   string // one of the steps in the package comment
	reason string
	hint   string
}

// Error returns the step and the reason.
func (r *refusal) Error() string { return r.step + ": " + r.reason }

func refuse(step, hint, format string, args ...any) error {
	return &refusal{step: step, hint: hint, reason: fmt.Sprintf(format, args...)}
}

// asRefusal turns another package's error about the request into a refusal. It
// returns nil, and errors of the service itself, unchanged.
func asRefusal(step string, err error) error {
	var fault *idtoken.FaultError
	var known *problem.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &fault):
		return &refusal{step: step, reason: fault.Detail}
	case errors.As(err, &known) && known.Code != problem.Unavailable && known.Code != problem.Internal:
		return &refusal{step: step, reason: known.Message, hint: known.Hint}
	}
	return err
}

// Refused returns the problem for a refused token, which is the same for every
// reason.
func Refused() *problem.Error {
	return problem.New(problem.Forbidden, "The token wasn't exchanged for credentials.").
		WithHint("Ask an admin of the workspace: the audit log has the reason under this request ID, " +
			"and windlass ci explain shows it step by step.")
}

// deny records a refusal with its reason, and returns the error for the
// caller. It returns other errors unchanged.
func (s *Service) deny(ctx context.Context, x exchange, e evaluation, err error) error {
	var r *refusal
	if !errors.As(err, &r) {
		return err
	}
	s.log(ctx, x, e, r)
	if err := s.shed(ctx, x, e); err != nil {
		return err
	}
	if err := s.record(ctx, x, e, r); err != nil {
		return err
	}
	return Refused()
}

// denyMember records a refusal, and returns its reason to the member. Members
// of another workspace get the error of the access check instead.
func (s *Service) denyMember(ctx context.Context, x exchange, e evaluation, err error) error {
	var r *refusal
	if !errors.As(err, &r) {
		return err
	}
	if x.member.Workspace != x.workspace {
		return s.config.Checker.Check(ctx, *x.member, access.GrantUse, e.resource())
	}
	if err := s.record(ctx, x, e, r); err != nil {
		return err
	}
	return problem.New(problem.Forbidden, "%s", r.reason).WithHint("%s", r.hint)
}

func (s *Service) record(ctx context.Context, x exchange, e evaluation, r *refusal) error {
	err := s.config.Recorder.Record(ctx, access.Decision{
		Time: s.config.Now(), Actor: e.actor(x), Action: access.GrantUse, Resource: e.resource(), Reason: r.Error(),
	})
	if err != nil {
		return problem.Wrap(err, problem.Unavailable, "The audit log couldn't record this, so it wasn't done.").
			WithHint("Try again in a moment.")
	}
	return nil
}

// log records the step of a refusal in the security log. It omits the reason,
// which may quote the token.
func (s *Service) log(ctx context.Context, x exchange, e evaluation, r *refusal) {
	if s.config.Log == nil {
		return
	}
	event := security.Event{
		Kind: security.ExchangeRefused, Address: x.address, RequestID: x.requestID, Workspace: e.trusted.workspace,
		Subject: e.provider().ID, Reason: "A token was refused at step " + r.step + ".",
	}
	if event.Subject == "" && r.step == "trust" {
		event.Kind, event.Reason = security.ExchangeUnknownProvider, "No provider trusts the token."
	}
	s.config.Log.Record(ctx, event)
}

// shed returns an error when an address sent too many tokens that no provider
// verifies. Refusals of verified tokens aren't counted, and always recorded.
func (s *Service) shed(ctx context.Context, x exchange, e evaluation) error {
	if x.member != nil || e.provider().ID != "" {
		return nil
	}
	return s.config.Shed(ctx, x.address)
}
