package doctor

import "github.com/windlass-io/windlass/internal/integration"

// judge returns the verdict on an integration. Each part is judged by its own checks,
// so that one that was just added, or fails, doesn't stop the others.
func judge(v *Verification, propagating bool) integration.Verdict {
	state, reason := verdict(v, integration.Reading, propagating)
	found := integration.Verdict{
		State: stateOf(state), Reason: reason, Parts: map[integration.Part]integration.Standing{},
	}
	for n := range v.Checks {
		part := v.Checks[n].Code.part()
		if _, judged := found.Parts[part]; part != integration.Reading && !judged {
			found.Parts[part] = judgePart(v, part, &found, propagating)
		}
	}
	return found
}

// judgePart judges a part besides reading by the first of its checks that decides. A
// part whose checks couldn't run gets the verdict on reading.
func judgePart(
	v *Verification,
	part integration.Part,
	reading *integration.Verdict,
	propagating bool,
) integration.Standing {
	for n := range v.Checks {
		c := &v.Checks[n]
		switch {
		case c.Code.part() != part:
		case c.Status == Fail:
			state, reason := verdict(v, part, propagating)
			return integration.Standing{State: stateOf(state), Reason: reason}
		case c.Status == Skip && reading.State != integration.Verified:
			return integration.Standing{State: reading.State, Reason: reading.Reason}
		case c.Status == Skip || c.Status == Warn && c.unsure && part == integration.Rotation:
			return integration.Standing{State: integration.Unverified, Reason: c.Detail}
		case c.Status == Warn && part == integration.Rotation:
			return integration.Standing{State: integration.Failing, Reason: c.Detail}
		}
	}
	return integration.Standing{State: integration.Verified}
}

// overall returns the state of a verification: that of reading, or of the first part
// that isn't verified. A rotation that isn't over is a warning.
func overall(found *integration.Verdict, v *Verification, propagating bool) (State, string) {
	state, reason := verdict(v, integration.Reading, propagating)
	for _, part := range []integration.Part{integration.Vending, integration.Writing} {
		if state != Verified {
			break
		}
		if standing, ok := found.Parts[part]; ok && standing.State != integration.Verified {
			state, reason = Failing, standing.Reason
			if standing.State == integration.Propagating {
				state = Propagating
			}
		}
	}
	return state, reason
}
