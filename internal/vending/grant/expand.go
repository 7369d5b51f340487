package grant

import (
	"regexp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// userForm matches IDs that are safe as a segment of a prefix: not "." or "..",
// and without slashes, wildcards and variables.
var userForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$`)

// ValidUser reports whether id has the form of a user ID.
func ValidUser(id string) bool { return userForm.MatchString(id) }

// UsesUser reports whether a prefix depends on the user.
func (g *Grant) UsesUser() bool {
	return slices.ContainsFunc(g.Prefixes, func(p string) bool { return strings.Contains(p, UserVariable) })
}

// Locations returns the grant's locations for a user. It validates them after
// it has inserted the user's ID.
func (g *Grant) Locations(user string) ([]object.Location, error) {
	if g.UsesUser() && !userForm.MatchString(user) {
		return nil, problem.New(problem.Forbidden,
			"The grant's prefix depends on the user, but the user's ID is missing or can't be part of a prefix.")
	}
	var out []object.Location
	for _, prefix := range g.Prefixes {
		l, err := object.NewLocation(g.Bucket, expand(prefix, user))
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// expand replaces segments that are [UserVariable] by the user's ID.
func expand(prefix, user string) string {
	segments := strings.Split(prefix, "/")
	for i, segment := range segments {
		if segment == UserVariable {
			segments[i] = user
		}
	}
	return strings.Join(segments, "/")
}

// Narrow returns the location with the requested prefix, which one of the
// granted locations must cover.
func Narrow(granted []object.Location, prefix string) ([]object.Location, error) {
	if len(granted) == 0 {
		return nil, problem.New(problem.Forbidden, "The grant has no locations.")
	}
	requested, err := object.NewLocation(granted[0].Bucket, prefix)
	if err != nil {
		return nil, err
	}
	for _, l := range granted {
		if l.Covers(requested) {
			return []object.Location{requested}, nil
		}
	}
	return nil, problem.New(problem.Forbidden, "The requested prefix is outside the grant's prefixes.")
}
