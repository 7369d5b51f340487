package integration

import (
	"context"
	"errors"
)

// Verdict is what the doctor found.
type Verdict struct {
	Revision int64  // of the integration that was looked at
	State    State  // [Verified], [Failing], [Insecure] or [Propagating]
	Reason   string // one sentence; empty for [Verified]
}

// errVoid ends a change that would change nothing.
var errVoid = errors.New("the verdict is void")

// Conclude makes a verdict the integration's state, unless the integration was
// edited, disabled or removed since. It gives the integration as it is
// afterwards, and the state before. It is for the doctor alone: no actor asks.
func (s *Service) Conclude(ctx context.Context, workspace, id string, verdict Verdict) (after Integration, was State, err error) {
	before, after, err := s.change(ctx, workspace, id, func(i *Integration) error {
		if i.Revision != verdict.Revision || i.State == Disabled || i.State == Removed || i.State == Reserved {
			return errVoid
		}
		i.State, i.Reason = verdict.State, verdict.Reason
		if verdict.State == Verified {
			i.VerifiedAt = s.now()
		}
		return nil
	})
	if errors.Is(err, errVoid) {
		after, err = s.find(ctx, workspace, id)
		return after, after.State, err
	}
	if err == nil && verdict.State != Verified {
		s.config.Roles.Forget(id)
	}
	return after, before.State, err
}
