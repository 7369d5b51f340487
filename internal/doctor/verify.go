package doctor

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/problem"
)

const (
	runTime   = 90 * time.Second       // a verification ends by then, whatever does not answer
	staleTime = 3 * time.Minute        // one that still runs then was left by a node that ended
	pollTime  = 300 * time.Millisecond // between two looks at one that runs on another node
)

// Order asks for a verification.
type Order struct {
	Trigger   Trigger   // default [Asked]
	Documents Documents // what the customer says the role has; optional
}

// Verify begins a verification and gives it as it begins. While one of the
// same integration runs, that one is given: there is one at a time. It goes on
// when ctx ends.
func (s *Service) Verify(ctx context.Context, actor access.Actor, workspace, idOrName string, order Order) (Verification, error) {
	if err := s.check(ctx, actor, access.IntegrationVerify, workspace, idOrName); err != nil {
		return Verification{}, err
	}
	if err := order.Documents.check(); err != nil {
		return Verification{}, err
	}
	i, err := s.config.Integrations.Get(ctx, actor, workspace, idOrName)
	if err != nil {
		return Verification{}, err
	}
	if err := verifiable(&i); err != nil {
		return Verification{}, err
	}
	for {
		v, behind, err := s.begin(ctx, i, actor, order)
		if behind == nil {
			return v, err
		}
		select { // what runs by itself may have begun before what is to be seen
		case <-behind:
		case <-ctx.Done():
			return Verification{}, ctx.Err()
		}
	}
}

// verifiable says why an integration cannot be verified, nil when it can.
func verifiable(i *integration.Integration) error {
	switch i.State {
	case integration.Reserved:
		return problem.New(problem.Conflict, "The integration %q has no role yet, so there is nothing to verify.", i.Name).
			WithHint("Make the role with the printed documents, and give its ARN.")
	case integration.Removed:
		return problem.New(problem.Conflict, "The integration %q is removed.", i.Name).WithHint("Restore it first.")
	case integration.Disabled:
		return problem.New(problem.Conflict, "The integration %q is switched off.", i.Name).WithHint("Switch it on first.")
	case integration.Unverified, integration.Propagating, integration.Verified, integration.Failing, integration.Insecure:
	}
	return nil
}

// begin starts a run, or joins the one there is. Who asks does not join one
// that runs by itself: behind tells when it has ended.
func (s *Service) begin(ctx context.Context, i integration.Integration, actor access.Actor, order Order) (v Verification, behind <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return v, nil, problem.New(problem.Unavailable, "The service is being stopped.").WithHint("Try again in a moment.")
	}
	if l := s.live[i.ID]; l != nil {
		v, _ := l.snapshot()
		if v.Trigger != Asked && cmp.Or(order.Trigger, Asked) == Asked {
			return v, l.done, nil
		}
		return v, nil, nil
	}
	now := s.now()
	v = Verification{
		ID: id.New("ver", now), Workspace: i.Workspace, Integration: i.ID, State: Running, Subject: subjectOf(&i),
		Trigger: cmp.Or(order.Trigger, Asked), By: cmp.Or(actor.Name, actor.ID), Checks: []Check{}, StartedAt: now,
	}
	r, err := s.newRun(i, order.Documents)
	if err != nil {
		return v, nil, err
	}
	r.actor = actor
	if joined, err := s.insert(ctx, v); err != nil || joined.ID != v.ID {
		return joined, nil, err
	}
	l := newLive(v)
	s.live[i.ID] = l
	s.group.Go(func() { s.perform(context.WithoutCancel(ctx), r, l) })
	return v, nil, nil
}

// insert keeps a verification that begins, or gives the one that runs on
// another node. One that a node left behind is ended first.
func (s *Service) insert(ctx context.Context, v Verification) (Verification, error) {
	err := s.config.Store.InsertVerification(ctx, v)
	if !problem.Is(err, problem.Conflict) {
		return v, err
	}
	other, findErr := s.config.Store.RunningVerification(ctx, v.Workspace, v.Integration)
	switch {
	case problem.Is(findErr, problem.NotFound): // it ended meanwhile
		return v, s.config.Store.InsertVerification(ctx, v)
	case findErr != nil:
		return Verification{}, findErr
	case v.StartedAt.Sub(other.StartedAt) < staleTime:
		return other, nil
	}
	other.State, other.Reason, other.EndedAt = Failing, "It did not end: the service was stopped while it ran.", v.StartedAt
	if err := s.config.Store.SaveVerification(ctx, other); err != nil {
		return Verification{}, err
	}
	return v, s.config.Store.InsertVerification(ctx, v)
}

// Edited has an integration verified soon: it was edited, and nothing is
// proven about it.
func (s *Service) Edited(ctx context.Context, i integration.Integration) {
	err := s.config.Store.SetDue(ctx, Due{Workspace: i.Workspace, Integration: i.ID, At: s.now(), Trigger: Edited})
	s.log(ctx, "verification after an edit not set", Verification{Integration: i.ID}, err)
}

// Get gives one verification as it is now.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace, idOrName, verificationID string) (Verification, error) {
	integrationID, err := s.resolve(ctx, actor, workspace, idOrName)
	if err != nil {
		return Verification{}, err
	}
	if l := s.running(integrationID); l != nil {
		if v, _ := l.snapshot(); v.ID == verificationID && v.Workspace == workspace {
			return v, nil
		}
	}
	return s.stored(ctx, workspace, integrationID, verificationID)
}

func (s *Service) stored(ctx context.Context, workspace, integrationID, verificationID string) (Verification, error) {
	v, err := s.config.Store.Verification(ctx, workspace, integrationID, verificationID)
	if problem.Is(err, problem.NotFound) {
		return Verification{}, access.Missing("verification", verificationID)
	}
	return v, err
}

// Watch calls see with the verification as it is and at each change, until it
// has ended, see fails, or ctx ends.
func (s *Service) Watch(ctx context.Context, actor access.Actor, workspace, idOrName, verificationID string, see func(Verification) error) error {
	integrationID, err := s.resolve(ctx, actor, workspace, idOrName)
	if err != nil {
		return err
	}
	if l := s.running(integrationID); l != nil {
		if v, _ := l.snapshot(); v.ID == verificationID && v.Workspace == workspace {
			return l.follow(ctx, see)
		}
	}
	return s.poll(ctx, workspace, integrationID, verificationID, see)
}

// poll watches a verification of another node, or one that has ended.
func (s *Service) poll(ctx context.Context, workspace, integrationID, verificationID string, see func(Verification) error) error {
	ticker := time.NewTicker(pollTime)
	defer ticker.Stop()
	for {
		v, err := s.stored(ctx, workspace, integrationID, verificationID)
		if err != nil {
			return err
		}
		if err := see(v); err != nil || v.State != Running {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// Wait gives a verification when it has ended.
func (s *Service) Wait(ctx context.Context, actor access.Actor, workspace, idOrName, verificationID string) (Verification, error) {
	var last Verification
	err := s.Watch(ctx, actor, workspace, idOrName, verificationID, func(v Verification) error {
		last = v
		return nil
	})
	if err != nil {
		return Verification{}, fmt.Errorf("waiting for verification %s: %w", verificationID, err)
	}
	return last, nil
}

// resolve gives the ID of an integration that the actor may read.
func (s *Service) resolve(ctx context.Context, actor access.Actor, workspace, idOrName string) (string, error) {
	i, err := s.config.Integrations.Get(ctx, actor, workspace, idOrName)
	return i.ID, err
}

func (s *Service) running(integrationID string) *live {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live[integrationID]
}

func (s *Service) check(ctx context.Context, actor access.Actor, action access.Action, workspace, integrationID string) error {
	return s.config.Checker.Check(ctx, actor, action, access.Resource{Workspace: workspace, Kind: "integration", ID: integrationID})
}

// now is the time as the store keeps it.
func (s *Service) now() time.Time { return s.config.Now().UTC().Truncate(time.Microsecond) }
