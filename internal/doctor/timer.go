package doctor

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/problem"
)

const (
	tick       = 2 * time.Second // interval of the timer
	leaseTime  = 5 * time.Minute // after which another node takes over
	batch      = 8               // number of integrations to take at a time
	pruneEvery = time.Hour
)

// retryWaits are the waits between verifications while IAM propagates a change.
var retryWaits = []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second}

// Start starts the timer, which runs until [Service.Stop]. It verifies
// integrations that are due: while IAM propagates a change, after it has, and
// every [Config.Every]. It also ends expired reservations, and prunes history.
// It may run on any number of nodes.
func (s *Service) Start(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	s.mu.Lock()
	s.cancel = cancel
	s.mu.Unlock()
	s.group.Go(func() {
		ticker := time.NewTicker(tick)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				s.Tick(ctx)
			}
		}
	})
}

// Stop stops the timer and waits for running verifications. The service starts
// no others.
func (s *Service) Stop() {
	s.mu.Lock()
	s.stopped = true
	if s.cancel != nil {
		s.cancel()
	}
	s.mu.Unlock()
	s.group.Wait()
}

// Tick starts the verifications that are due, as the timer does.
func (s *Service) Tick(ctx context.Context) {
	now := s.config.Now()
	taken, err := s.config.Store.TakeDue(ctx, now, now.Add(leaseTime), batch)
	s.log(ctx, "reading due verifications", Verification{}, err)
	for _, due := range taken {
		s.verifyDue(ctx, due)
	}
	_, err = s.config.Integrations.Expire(ctx)
	s.log(ctx, "ending reservations", Verification{}, err)
	s.prune(ctx, now)
}

// prune deletes old verifications from time to time. It is harmless when
// several nodes do it.
func (s *Service) prune(ctx context.Context, now time.Time) {
	s.mu.Lock()
	due := now.Sub(s.pruned) >= pruneEvery
	if due {
		s.pruned = now
	}
	s.mu.Unlock()
	if due {
		_, err := s.config.Store.PruneVerifications(ctx, s.config.Keep, now.Add(-s.config.KeepChanges))
		s.log(ctx, "pruning history", Verification{}, err)
	}
}

// verifyDue starts the verification of an integration. It unschedules an
// integration that is removed or disabled.
func (s *Service) verifyDue(ctx context.Context, due Due) {
	actor := access.Actor{Kind: access.System, ID: access.Doctor, Name: "doctor"}
	_, err := s.Verify(ctx, actor, due.Workspace, due.Integration, Order{Trigger: due.Trigger})
	if problem.Is(err, problem.NotFound) || problem.Is(err, problem.Conflict) {
		err = s.config.Store.SetDue(ctx, Due{Workspace: due.Workspace, Integration: due.Integration})
	}
	s.log(ctx, "starting a due verification", Verification{Integration: due.Integration}, err)
}

// scheduleNext schedules the next verification of an integration.
func (s *Service) scheduleNext(ctx context.Context, v *Verification, i *integration.Integration) {
	spreadIn := i.EditedAt.Add(integration.SpreadingFor).Sub(v.EndedAt)
	switch {
	case i.Revision != v.Subject.Revision: // changed during the run, so the verdict doesn't count
		s.schedule(ctx, v, 0, Edited)
	case v.State == Propagating:
		s.schedule(ctx, v, min(retryWait(v, i), max(spreadIn, 0)), Edited)
	case v.State == Verified && spreadIn > 0: // a denial may turn into access when the change has propagated
		s.schedule(ctx, v, spreadIn, Settled)
	case !i.VerifiedAt.IsZero():
		s.schedule(ctx, v, s.config.Every, Timer)
	default:
		s.schedule(ctx, v, -1, Timer)
	}
}

// retryWait returns the wait before the next attempt. It depends on the time
// since the change, so attempts needn't be counted.
func retryWait(v *Verification, i *integration.Integration) time.Duration {
	since := v.EndedAt.Sub(i.EditedAt)
	var at time.Duration
	for _, wait := range retryWaits {
		if at += wait; since < at {
			return wait
		}
	}
	return retryWaits[len(retryWaits)-1]
}

// schedule schedules the next verification after a wait. A negative wait means
// never.
func (s *Service) schedule(ctx context.Context, v *Verification, wait time.Duration, trigger Trigger) {
	due := Due{Workspace: v.Workspace, Integration: v.Integration, Trigger: trigger}
	if wait >= 0 {
		due.At = v.EndedAt.Add(wait)
		v.AgainAt = due.At
	}
	s.log(ctx, "scheduling the next verification", *v, s.config.Store.SetDue(ctx, due))
}
