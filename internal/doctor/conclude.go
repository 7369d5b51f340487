package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/telemetry"
	"github.com/windlass-io/windlass/internal/telemetry/traces"
)

// saveEvery is the shortest time between two writes of a running verification,
// for watchers on other nodes.
const saveEvery = 500 * time.Millisecond

// perform runs the checks, and concludes.
func (s *Service) perform(ctx context.Context, r *run, l *live) {
	limited, cancel := context.WithTimeout(ctx, runTime)
	defer cancel()
	limited, span := traces.Begin(limited, "verify", traces.ID("integration", r.i.ID))
	defer span.End(nil)
	saved := s.config.Now()
	r.runChecks(limited, func(c Check) {
		l.change(func(v *Verification) { v.Checks = append(v.Checks, c) })
		if now := s.config.Now(); now.Sub(saved) >= saveEvery {
			saved = now
			v, _ := l.snapshot()
			s.log(ctx, "saving a running verification", v, s.config.Store.SaveVerification(ctx, v))
		}
	})
	v, _ := l.snapshot()
	v.EndedAt = s.now()
	propagating := r.i.Spreading(v.EndedAt)
	found := judge(&v, propagating)
	v.State, v.Reason = overall(&found, &v, propagating)
	s.conclude(ctx, r, &v, &found)

	s.mu.Lock()
	delete(s.live, r.i.ID)
	s.mu.Unlock()
	l.end(v)
}

// conclude stores the integration's new state and the verification, and
// schedules the next one. It stores the state first, so that nobody sees a
// verdict that doesn't apply.
func (s *Service) conclude(ctx context.Context, r *run, v *Verification, found *integration.Verdict) {
	recent := v.EndedAt.Sub(r.i.VerifiedAt) < unsureFor
	if v.State == Failing && isUnsure(v) && r.i.State == integration.Verified && recent {
		s.schedule(ctx, v, unsureAgain, Timer) // the run proved nothing, so the last verdict stays for a while
	} else {
		found.Revision = v.Subject.Revision
		after, was, err := s.config.Integrations.Conclude(ctx, v.Workspace, v.Integration, *found)
		s.log(ctx, "saving a verdict", *v, err)
		if err == nil {
			s.scheduleNext(ctx, v, &after)
			s.notify(ctx, Turn{Integration: after, Was: was.Overall().State, Verification: *v})
		}
	}
	if s.config.Observe != nil {
		s.config.Observe(string(v.State), v.EndedAt.Sub(v.StartedAt))
	}
	v.Notable = s.isNotable(ctx, v)
	s.log(ctx, "saving a verification", *v, s.config.Store.SaveVerification(ctx, *v))
	s.note(ctx, r, v)
}

// isNotable reports whether the result differs from the previous verification.
// It returns true when that one can't be read.
func (s *Service) isNotable(ctx context.Context, v *Verification) bool {
	last, err := s.config.Store.ListVerifications(ctx, v.Workspace, v.Integration, paging.Request{Limit: 2})
	for n := range last.Items {
		if earlier := &last.Items[n]; err == nil && earlier.ID != v.ID && earlier.State != Running {
			return v.differs(earlier)
		}
	}
	s.log(ctx, "reading the previous verification", *v, err)
	return true
}

// note records AWS's request IDs in the audit.
func (s *Service) note(ctx context.Context, r *run, v *Verification) {
	if s.config.Notes == nil {
		return
	}
	var ids []string
	for _, c := range v.Checks {
		for _, call := range c.Calls {
			ids = append(ids, call.RequestID)
		}
	}
	action, kind := access.IntegrationVerify, "integration"
	if v.Credential != "" {
		action, kind = access.CredentialUse, "credential"
	}
	resource := access.Resource{Workspace: v.Workspace, Kind: kind, ID: r.i.ID}
	reason := fmt.Sprintf("The verification %s ended: %s, after %d calls.", v.ID, v.State, v.Calls())
	entry := audit.NoteOf(v.EndedAt, r.actor, action, resource, reason, ids...)
	s.log(ctx, "recording a verification", *v, s.config.Notes.Note(ctx, entry))
}

// verdict returns the state and the reason that follow from the checks of a part.
// propagating means that IAM may not have propagated the last change yet.
func verdict(v *Verification, part integration.Part, propagating bool) (State, string) {
	refused, failed := true, (*Check)(nil)
	for n := range v.Checks {
		c := &v.Checks[n]
		if v.Credential == "" && c.Code.part() != part { // an access key has no parts
			continue
		}
		if c.Status == Fail && !c.unsure && (c.Code == CodeAssumeWithoutID || c.Code == CodeAssumeWrongID) {
			return Insecure, c.Detail
		}
		if c.Status == Fail || c.Status == Skip && c.unsure {
			refused = refused && c.refused
			if failed == nil {
				failed = c
			}
		}
	}
	switch {
	case failed == nil && (part != integration.Reading || isComplete(v)):
		return Verified, ""
	case failed == nil:
		return Failing, "It didn't finish."
	case refused && propagating:
		return Propagating, fmt.Sprintf("IAM may still be propagating the change: %s", failed.Detail)
	}
	return Failing, failed.Detail
}

// isComplete reports whether all checks that security depends on were run.
func isComplete(v *Verification) bool {
	needed := []Code{CodeIdentity, CodeAssume, CodeAssumeWithoutID, CodeAssumeWrongID, CodeList}
	if v.Credential != "" {
		needed = []Code{CodeList}
	}
	for _, code := range needed {
		if c := v.Check(code); c == nil || c.Status != Pass && c.Status != Warn {
			return false
		}
	}
	return true
}

// isUnsure reports whether all failures prove nothing.
func isUnsure(v *Verification) bool {
	for _, c := range v.Checks {
		if c.Status == Fail && !c.unsure {
			return false
		}
	}
	return true
}

func stateOf(s State) integration.State {
	switch s {
	case Verified:
		return integration.Verified
	case Insecure:
		return integration.Insecure
	case Propagating:
		return integration.Propagating
	case Failing, Running:
	}
	return integration.Failing
}

const (
	unsureFor   = 24 * time.Hour  // how long a verdict stays while runs prove nothing
	unsureAgain = 5 * time.Minute // until the next attempt
)

// notify records that an integration stopped or started working, and notifies
// the customer.
func (s *Service) notify(ctx context.Context, turn Turn) {
	is := turn.Integration.Overall()
	good, wasGood := is.State == integration.Verified, turn.Was == integration.Verified
	if good == wasGood || is.State == integration.Propagating || is.State == integration.Unverified {
		return
	}
	i := &turn.Integration
	err := s.config.Recorder.Record(ctx, access.Decision{
		Time: s.config.Now(), Actor: access.Actor{Kind: access.System, ID: access.Doctor, Name: "doctor"},
		Action: access.IntegrationVerify, Resource: access.Resource{
			Workspace: i.Workspace, Kind: "integration",
			ID: i.ID,
		},
		Allowed: good, Reason: fmt.Sprintf("The integration is %s, and was %s. %s", is.State, turn.Was, is.Reason),
	})
	s.log(ctx, "recording a change of state", turn.Verification, err)
	s.config.Logger.InfoContext(ctx, telemetry.IntegrationState, "integration", i.ID, "was",
		string(turn.Was), "is", string(is.State))
	if s.config.Notifier != nil {
		s.group.Go(func() { // it may be slow
			s.log(ctx, "notifying a change of state", turn.Verification, s.config.Notifier.Notify(ctx, turn))
		})
	}
}

// log logs an error that can't be returned. It does nothing for a nil error.
func (s *Service) log(ctx context.Context, message string, v Verification, err error) {
	if err != nil {
		s.config.Logger.ErrorContext(ctx, telemetry.DoctorFailed,
			"what", message, "verification", v.ID, "integration", v.Integration, "cause", err)
	}
}
