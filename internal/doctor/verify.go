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
	runTime   = 90 * time.Second       // limit of a verification
	staleTime = 3 * time.Minute        // after which a running verification must be of a node that ended
	pollTime  = 300 * time.Millisecond // for watching a verification on another node
)

// Order requests a verification.
type Order struct {
	Trigger   Trigger   // default [Asked]
	Documents Documents // the current policies; optional
}

// Verify starts a verification and returns it. If one of the same integration
// is running, Verify returns that one. The verification continues when ctx
// ends.
func (s *Service) Verify(
	ctx context.Context, actor access.Actor, workspace, idOrName string, order Order,
) (Verification, error) {
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
	if err := checkState(&i); err != nil {
		return Verification{}, err
	}
	for {
		v, automatic, err := s.start(ctx, i, actor, order)
		if automatic == nil {
			return v, err
		}
		select { // the automatic one may have started before the caller's changes
		case <-automatic:
		case <-ctx.Done():
			return Verification{}, ctx.Err()
		}
	}
}

// checkState returns an error when the integration's state doesn't allow a
// verification.
func checkState(i *integration.Integration) error {
	switch i.State {
	case integration.Reserved:
		return problem.New(problem.Conflict, "The integration %q has no role to verify yet.", i.Name).
			WithHint("Create the role with the printed documents, and set its ARN.")
	case integration.Removed:
		return problem.New(problem.Conflict, "The integration %q is removed.", i.Name).WithHint("Restore it first.")
	case integration.Disabled:
		return problem.New(problem.Conflict, "The integration %q is disabled.", i.Name).WithHint("Enable it first.")
	case integration.Unverified, integration.Propagating, integration.Verified, integration.Failing,
		integration.Insecure:
	}
	return nil
}

// start starts a run, or joins the running one. A request doesn't join an
// automatic run: start returns a channel that is closed when that run ends.
func (s *Service) start(
	ctx context.Context, i integration.Integration, actor access.Actor, order Order,
) (v Verification, automatic <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return v, nil, problem.New(problem.Unavailable, "The service is stopping.").WithHint("Try again in a moment.")
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
	r, err := s.newRun(plan{i: i, pasted: order.Documents, actor: actor})
	if err != nil {
		return v, nil, err
	}
	if joined, err := s.insert(ctx, v); err != nil || joined.ID != v.ID {
		return joined, nil, err
	}
	l := newLive(v)
	s.live[i.ID] = l
	s.group.Go(func() { s.perform(context.WithoutCancel(ctx), r, l) })
	return v, nil, nil
}

// insert stores a new verification, or returns the one that is running on
// another node. It ends a verification of a node that stopped.
func (s *Service) insert(ctx context.Context, v Verification) (Verification, error) {
	err := s.config.Store.InsertVerification(ctx, v)
	if !problem.Is(err, problem.Conflict) {
		return v, err
	}
	other, findErr := s.config.Store.RunningVerification(ctx, v.Workspace, v.Integration)
	switch {
	case problem.Is(findErr, problem.NotFound): // it has just ended
		return v, s.config.Store.InsertVerification(ctx, v)
	case findErr != nil:
		return Verification{}, findErr
	case v.StartedAt.Sub(other.StartedAt) < staleTime:
		return other, nil
	}
	other.State, other.EndedAt = Failing, v.StartedAt
	other.Reason = "It didn't finish, because the service stopped during the run."
	if err := s.config.Store.SaveVerification(ctx, other); err != nil {
		return Verification{}, err
	}
	return v, s.config.Store.InsertVerification(ctx, v)
}

// Edited schedules the verification of a changed integration.
func (s *Service) Edited(ctx context.Context, i integration.Integration) {
	err := s.config.Store.SetDue(ctx, Due{Workspace: i.Workspace, Integration: i.ID, At: s.now(), Trigger: Edited})
	s.log(ctx, "scheduling a verification after a change", Verification{Integration: i.ID}, err)
}

// Get returns a verification, which may be running.
func (s *Service) Get(
	ctx context.Context, actor access.Actor, workspace, idOrName, verificationID string,
) (Verification, error) {
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

// Watch calls see with the verification immediately and at every change, until
// it has ended, see returns an error, or ctx ends.
func (s *Service) Watch(
	ctx context.Context, actor access.Actor, workspace, idOrName, verificationID string, see func(Verification) error,
) error {
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

// poll watches a verification on another node, or one that has ended.
func (s *Service) poll(
	ctx context.Context, workspace, integrationID, verificationID string, see func(Verification) error,
) error {
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

// Wait waits until a verification has ended, and returns it.
func (s *Service) Wait(
	ctx context.Context, actor access.Actor, workspace, idOrName, verificationID string,
) (Verification, error) {
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

// resolve returns the ID of an integration that the actor may read.
func (s *Service) resolve(ctx context.Context, actor access.Actor, workspace, idOrName string) (string, error) {
	i, err := s.config.Integrations.Get(ctx, actor, workspace, idOrName)
	return i.ID, err
}

func (s *Service) running(integrationID string) *live {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live[integrationID]
}

func (s *Service) check(
	ctx context.Context, actor access.Actor, action access.Action, workspace, integrationID string,
) error {
	resource := access.Resource{Workspace: workspace, Kind: "integration", ID: integrationID}
	return s.config.Checker.Check(ctx, actor, action, resource)
}

// now returns the current time with the precision of the store.
func (s *Service) now() time.Time { return s.config.Now().UTC().Truncate(time.Microsecond) }
