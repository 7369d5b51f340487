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

// refusal is why nothing is vended. It is for the audit and for explanations.
type refusal struct {
	step   string // one of the steps of the package comment
	reason string
	hint   string
}

// Error gives step and reason.
func (r *refusal) Error() string { return r.step + ": " + r.reason }

func refuse(step, hint, format string, args ...any) error {
	return &refusal{step: step, hint: hint, reason: fmt.Sprintf(format, args...)}
}

// refusing makes a refusal of what another package found wrong; an outage of
// the state stays what it is.
func refusing(step string, err error) error {
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

// Refused is what whoever brings a token is told, whatever the reason.
func Refused() *problem.Error {
	return problem.New(problem.Forbidden, "The token was not exchanged for credentials.").
		WithHint("Ask an admin of the workspace: the audit has the reason under this request ID, and windlass ci explain tells it step by step.")
}

// denied records a refusal with its reason, and gives what the caller is told.
func (s *Service) denied(ctx context.Context, a *attempt, err error) error {
	var r *refusal
	if !errors.As(err, &r) {
		return err
	}
	s.log(ctx, a, r)
	if err := s.shed(ctx, a); err != nil {
		return err
	}
	recordErr := s.config.Recorder.Record(ctx, access.Decision{
		Time: s.config.Now(), Actor: a.actor(), Action: access.GrantUse,
		Resource: access.Resource{Workspace: a.workspace, Kind: "grant", ID: a.grant.ID}, Reason: r.Error(),
	})
	if recordErr != nil {
		return problem.Wrap(recordErr, problem.Unavailable, "The audit could not record this, so it was not done.").WithHint("Try again in a moment.")
	}
	return Refused()
}

// log records a refusal in the security log: by its step, because the reason may
// quote the token.
func (s *Service) log(ctx context.Context, a *attempt, r *refusal) {
	if s.config.Log == nil {
		return
	}
	event := security.Event{
		Kind: security.ExchangeRefused, Address: a.address, RequestID: a.requestID, Workspace: a.workspace, Subject: a.provider.ID,
		Reason: "A token was refused at step " + r.step + ".",
	}
	if a.provider.ID == "" && r.step == "trust" {
		event.Kind, event.Reason = security.ExchangeUnknownProvider, "No provider trusts the token."
	}
	s.config.Log.Record(ctx, event)
}

// shed returns an error when an address sent too many refused tokens. Only tokens
// that no provider vouches for are counted: refusals of verified ones are always
// recorded.
func (s *Service) shed(ctx context.Context, a *attempt) error {
	if a.member || a.provider.ID != "" {
		return nil
	}
	return s.config.Shed(ctx, a.address)
}
