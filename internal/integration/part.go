package integration

import (
	"cmp"
	"slices"

	"github.com/windlass-io/windlass/internal/problem"
)

// Part is a purpose of an integration. Each part is verified separately: one that
// was just added, or that fails, doesn't stop the others.
type Part string

// The parts, in the order in which they are shown. The state of reading is the
// integration's own.
const (
	Reading  Part = "read"
	Writing  Part = "write"    // with the access readwrite
	Vending  Part = "vending"  // with vending on
	Rotation Part = "rotation" // after a rotation, until the role refuses the old External ID
)

// AllParts has the parts in order.
var AllParts = []Part{Reading, Writing, Vending, Rotation}

// Standing is the state of a part: unverified, propagating, verified or failing.
type Standing struct {
	State  State  `json:"state"`
	Reason string `json:"reason,omitempty"` // one sentence
}

// Part returns the state of a part; false when the integration doesn't have it.
func (i *Integration) Part(p Part) (Standing, bool) {
	if p == Reading {
		return Standing{i.State, i.Reason}, true
	}
	found, ok := i.Parts[p]
	return found, ok
}

// Overall returns the state that needs attention first: that of reading, or of vending
// or writing when it isn't verified. A rotation that isn't over stops nothing.
func (i *Integration) Overall() Standing {
	if i.State != Verified {
		return Standing{i.State, i.Reason}
	}
	for _, p := range []Part{Vending, Writing} {
		if found, ok := i.Parts[p]; ok && found.State != Verified {
			return found
		}
	}
	return Standing{State: Verified}
}

// has reports whether an integration has a part besides reading.
func (i *Integration) has(p Part) bool {
	switch p {
	case Writing:
		return i.Access == ReadWrite
	case Vending:
		return i.Vending
	case Rotation:
		return i.PreviousExternalID != ""
	case Reading:
	}
	return false
}

// fitParts adds and removes parts according to the settings. New parts are
// unverified, and if everything changed, all parts are.
func (i *Integration) fitParts(everything bool) {
	parts := map[Part]Standing{}
	for _, p := range AllParts[1:] {
		if !i.has(p) {
			continue
		}
		found, ok := i.Parts[p]
		if !ok || everything {
			found = Standing{State: Unverified}
		}
		parts[p] = found
	}
	i.Parts = parts
}

// waits reports whether the integration, or a part, waits for a verification.
func (i *Integration) waits() bool {
	switch i.State {
	case Unverified:
		return true
	case Reserved, Disabled, Removed:
		return false
	case Propagating, Verified, Failing, Insecure:
	}
	return slices.ContainsFunc(AllParts[1:], func(p Part) bool { return i.Parts[p].State == Unverified })
}

// CheckVends returns an error when the integration can't be used for vending. Reading
// must be verified, too: nobody gets credentials for a role whose checks fail.
func (i *Integration) CheckVends() error {
	if err := i.checkUsable(); err != nil {
		return err
	}
	if !i.Vending {
		return problem.New(problem.Conflict,
			"Vending is off for the integration %s: its role doesn't accept sessions with a source identity and tags.",
			quoted(i.Name)).
			WithHint("Run windlass integration update %s --vending, and set the trust policy that it prints.", i.ID)
	}
	part := i.Parts[Vending]
	switch part.State {
	case Verified:
		return nil
	case Failing:
		return problem.New(problem.Conflict, "Vending doesn't work for the integration %s: %s", quoted(i.Name),
			cmp.Or(part.Reason, "a check failed.")).WithHint("Verify it, and fix the failing check.")
	case Reserved, Unverified, Propagating, Insecure, Disabled, Removed:
	}
	return problem.New(problem.Conflict, "Vending isn't verified yet for the integration %s.", quoted(i.Name)).
		WithHint("Set the trust policy with vending, and verify the integration.")
}
