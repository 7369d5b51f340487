package integration

import (
	"context"
	"errors"
)

// Verdict is the result of a verification.
type Verdict struct {
	Revision int64  // of the verified integration
	State    State  // [Verified], [Failing], [Insecure] or [Propagating]
	Reason   string // one sentence; empty for [Verified]
	// Parts has the verdicts on parts other than reading; nil: the same as
	// on reading.
	Parts map[Part]Standing
}

// errOutdated ends a change that would change nothing.
var errOutdated = errors.New("the verdict is outdated")

// Conclude sets the integration's state to the verdict, unless the integration
// was changed, disabled or removed in the meantime. It returns the integration
// as it was before, too. Only the doctor calls it; there is no actor.
func (s *Service) Conclude(
	ctx context.Context, workspace, id string, verdict Verdict,
) (after, before Integration, err error) {
	before, after, err = s.change(ctx, workspace, id, func(i *Integration) error {
		if i.Revision != verdict.Revision || i.State == Disabled || i.State == Removed || i.State == Reserved {
			return errOutdated
		}
		i.State, i.Reason = verdict.State, verdict.Reason
		i.concludeParts(&verdict)
		if verdict.State == Verified {
			i.VerifiedAt = s.now()
		}
		return nil
	})
	if errors.Is(err, errOutdated) {
		after, err = s.find(ctx, workspace, id)
		return after, after, err
	}
	if err == nil && verdict.State != Verified {
		s.config.Roles.Forget(id)
	}
	return after, before, err
}

// concludeParts sets the state of each part. A rotation is over when the role refuses
// the old External ID.
func (i *Integration) concludeParts(verdict *Verdict) {
	parts := map[Part]Standing{}
	for p, was := range i.Parts {
		found, ok := verdict.Parts[p]
		switch {
		case verdict.Parts == nil:
			found = Standing{verdict.State, verdict.Reason}
		case !ok:
			found = was
		}
		parts[p] = found
	}
	i.Parts = parts
	if parts[Rotation].State == Verified {
		i.PreviousExternalID = ""
		delete(parts, Rotation)
	}
}
