package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/paging"
)

// saveTime is the shortest time between two writings of a verification that
// runs, for those who watch it on other nodes.
const saveTime = 500 * time.Millisecond

// perform runs the checks, and makes what they say the integration's state.
func (s *Service) perform(ctx context.Context, r *run, l *live) {
	limited, cancel := context.WithTimeout(ctx, runTime)
	defer cancel()
	saved := s.config.Now()
	r.all(limited, func(c Check) {
		l.change(func(v *Verification) { v.Checks = append(v.Checks, c) })
		if now := s.config.Now(); now.Sub(saved) >= saveTime {
			saved = now
			v, _ := l.snapshot()
			s.log(ctx, "verification not kept", v, s.config.Store.SaveVerification(ctx, v))
		}
	})
	v, _ := l.snapshot()
	v.EndedAt = s.now()
	v.State, v.Reason = judge(&v, r.i.Spreading(v.EndedAt))
	s.settle(ctx, r, &v)

	s.mu.Lock()
	delete(s.live, r.i.ID)
	s.mu.Unlock()
	l.end(v)
}

// settle keeps the verification and the integration's new state, and says when
// to verify next. The state is kept first: no one may learn of a good verdict
// that does not hold.
func (s *Service) settle(ctx context.Context, r *run, v *Verification) {
	if v.State == Failing && unsure(v) && r.i.State == integration.Verified && v.EndedAt.Sub(r.i.VerifiedAt) < unsureFor {
		s.schedule(ctx, v, unsureAgain, Timer) // AWS did not answer: what was proven stands for a while
	} else {
		verdict := integration.Verdict{Revision: v.Subject.Revision, State: stateOf(v.State), Reason: v.Reason}
		after, was, err := s.config.Integrations.Conclude(ctx, v.Workspace, v.Integration, verdict)
		s.log(ctx, "verdict not kept", *v, err)
		if err == nil {
			s.next(ctx, v, &after)
			s.tell(ctx, Turn{Integration: after, Was: was, Verification: *v})
		}
	}
	v.Notable = s.notable(ctx, v)
	s.log(ctx, "verification not kept", *v, s.config.Store.SaveVerification(ctx, *v))
	s.note(ctx, r, v)
}

// notable says whether a verification that has ended came to something else
// than the one before it. When that one cannot be read, it is.
func (s *Service) notable(ctx context.Context, v *Verification) bool {
	last, err := s.config.Store.ListVerifications(ctx, v.Workspace, v.Integration, paging.Request{Limit: 2})
	for n := range last.Items {
		if earlier := &last.Items[n]; err == nil && earlier.ID != v.ID && earlier.State != Running {
			return v.differs(earlier)
		}
	}
	s.log(ctx, "the verification before not read", *v, err)
	return true
}

// note leaves AWS's request IDs in the audit, beside the decision to verify.
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
	s.log(ctx, "verification not noted", *v, s.config.Notes.Note(ctx, audit.NoteOf(v.EndedAt, r.actor, action, resource, reason, ids...)))
}

// judge makes a state of the checks.
func judge(v *Verification, spreading bool) (State, string) {
	refused, failed := true, (*Check)(nil)
	for n := range v.Checks {
		c := &v.Checks[n]
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
	case failed == nil && complete(v):
		return Verified, ""
	case failed == nil:
		return Failing, "It did not come to an end."
	case refused && spreading:
		return Propagating, fmt.Sprintf("IAM may still be spreading the change: %s", failed.Detail)
	}
	return Failing, failed.Detail
}

// complete says whether every check on which safety rests was answered.
func complete(v *Verification) bool {
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

// unsure says whether nothing failed but for want of an answer.
func unsure(v *Verification) bool {
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
	unsureFor   = 24 * time.Hour  // what was proven stands without an answer
	unsureAgain = 5 * time.Minute // until it is asked again
)

// tell records and makes known that an integration turned from good to bad or
// back.
func (s *Service) tell(ctx context.Context, turn Turn) {
	good, wasGood := turn.Integration.State == integration.Verified, turn.Was == integration.Verified
	if good == wasGood || turn.Integration.State == integration.Propagating {
		return
	}
	i := &turn.Integration
	err := s.config.Recorder.Record(ctx, access.Decision{
		Time: s.config.Now(), Actor: access.Actor{Kind: access.System, ID: access.Doctor, Name: "doctor"},
		Action: access.IntegrationVerify, Resource: access.Resource{Workspace: i.Workspace, Kind: "integration", ID: i.ID},
		Allowed: good, Reason: fmt.Sprintf("The integration is %s, and was %s. %s", i.State, turn.Was, i.Reason),
	})
	s.log(ctx, "turn not recorded", turn.Verification, err)
	if s.config.Notifier != nil {
		s.group.Go(func() { // it may take its time, and nobody waits for it
			s.log(ctx, "turn not made known", turn.Verification, s.config.Notifier.Notify(ctx, turn))
		})
	}
}

// log writes down what could not be done and has nobody to be told.
func (s *Service) log(ctx context.Context, message string, v Verification, err error) {
	if err != nil {
		s.config.Logger.ErrorContext(ctx, "doctor", "what", message, "verification", v.ID, "integration", v.Integration, "error", err)
	}
}
