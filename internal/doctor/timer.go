package doctor

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/problem"
)

const (
	tick      = 2 * time.Second // between two looks at what is due
	leaseTime = 5 * time.Minute // what was taken is due again, should this node end
	batch     = 8               // taken at a time
	pruneTime = time.Hour       // between two prunings of history
)

// spreadingWaits are the waits between the tries while IAM spreads an edit.
var spreadingWaits = []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second}

// Start verifies on a timer what is due, until [Service.Stop]: while IAM
// spreads an edit, once it has, and every [Config.Every] since. Any number of
// nodes may run it. It also ends reservations that nobody used, and prunes
// history.
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

// Stop ends the timer and waits for the verifications that run. None begins
// afterwards.
func (s *Service) Stop() {
	s.mu.Lock()
	s.stopped = true
	if s.cancel != nil {
		s.cancel()
	}
	s.mu.Unlock()
	s.group.Wait()
}

// Tick begins what is due now. It is what the timer does.
func (s *Service) Tick(ctx context.Context) {
	now := s.config.Now()
	taken, err := s.config.Store.TakeDue(ctx, now, now.Add(leaseTime), batch)
	s.log(ctx, "what is due not read", Verification{}, err)
	for _, due := range taken {
		s.again(ctx, due)
	}
	_, err = s.config.Integrations.Expire(ctx)
	s.log(ctx, "reservations not ended", Verification{}, err)
	s.prune(ctx, now)
}

// prune drops old verifications, once in a while. Several nodes may: the second
// finds nothing.
func (s *Service) prune(ctx context.Context, now time.Time) {
	s.mu.Lock()
	due := now.Sub(s.pruned) >= pruneTime
	if due {
		s.pruned = now
	}
	s.mu.Unlock()
	if due {
		_, err := s.config.Store.PruneVerifications(ctx, s.config.Keep, now.Add(-s.config.KeepChanges))
		s.log(ctx, "history not pruned", Verification{}, err)
	}
}

// again verifies an integration that is due. One that is gone or switched off
// is due no more.
func (s *Service) again(ctx context.Context, due Due) {
	actor := access.Actor{Kind: access.System, ID: access.Doctor, Name: "doctor"}
	_, err := s.Verify(ctx, actor, due.Workspace, due.Integration, Order{Trigger: due.Trigger})
	if problem.Is(err, problem.NotFound) || problem.Is(err, problem.Conflict) {
		err = s.config.Store.SetDue(ctx, Due{Workspace: due.Workspace, Integration: due.Integration})
	}
	s.log(ctx, "due verification not begun", Verification{Integration: due.Integration}, err)
}

// next says when the integration is verified next by itself.
func (s *Service) next(ctx context.Context, v *Verification, i *integration.Integration) {
	settled := i.EditedAt.Add(integration.SpreadingFor).Sub(v.EndedAt)
	switch {
	case i.Revision != v.Subject.Revision: // edited while it ran: the verdict is void
		s.schedule(ctx, v, 0, Edited)
	case v.State == Propagating:
		s.schedule(ctx, v, min(s.wait(v, i), max(settled, 0)), Edited)
	case v.State == Verified && settled > 0: // what was refused may be open when the edit has spread
		s.schedule(ctx, v, settled, Settled)
	case !i.VerifiedAt.IsZero():
		s.schedule(ctx, v, s.config.Every, Timer)
	default:
		s.schedule(ctx, v, -1, Timer)
	}
}

// wait grows with the time since the edit, so that it needs no count of tries.
func (s *Service) wait(v *Verification, i *integration.Integration) time.Duration {
	since := v.EndedAt.Sub(i.EditedAt)
	var at time.Duration
	for _, wait := range spreadingWaits {
		if at += wait; since < at {
			return wait
		}
	}
	return spreadingWaits[len(spreadingWaits)-1]
}

// schedule says when to verify next: after a wait, or never when it is
// negative.
func (s *Service) schedule(ctx context.Context, v *Verification, wait time.Duration, trigger Trigger) {
	due := Due{Workspace: v.Workspace, Integration: v.Integration, Trigger: trigger}
	if wait >= 0 {
		due.At = v.EndedAt.Add(wait)
		v.AgainAt = due.At
	}
	s.log(ctx, "next verification not set", *v, s.config.Store.SetDue(ctx, due))
}
