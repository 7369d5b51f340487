package grant

import (
	"regexp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// userForm is an ID that is safe as one segment of a prefix: it cannot be ".",
// "..", nor hold a slash, a wildcard or a variable.
var userForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$`)

// ValidUser says whether an ID can be that of a user.
func ValidUser(id string) bool { return userForm.MatchString(id) }

// UsesUser says whether a prefix depends on the user.
func (g *Grant) UsesUser() bool {
	return slices.ContainsFunc(g.Prefixes, func(p string) bool { return strings.Contains(p, UserVariable) })
}

// Locations gives the grant's locations for a user. What comes of it is held
// to the grammar of locations after the user's ID is put in.
func (g *Grant) Locations(user string) ([]object.Location, error) {
	if g.UsesUser() && !userForm.MatchString(user) {
		return nil, problem.New(problem.Forbidden, "The grant's prefix wants a user, and the user's ID is missing or cannot stand in a prefix.")
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

// expand puts the user's ID into the segments that are the variable, whole.
func expand(prefix, user string) string {
	segments := strings.Split(prefix, "/")
	for i, segment := range segments {
		if segment == UserVariable {
			segments[i] = user
		}
	}
	return strings.Join(segments, "/")
}

// Narrow gives the locations for a prefix that is asked for: itself, where the
// grant's locations cover it.
func Narrow(granted []object.Location, prefix string) ([]object.Location, error) {
	if len(granted) == 0 {
		return nil, problem.New(problem.Forbidden, "The grant opens no location.")
	}
	asked, err := object.NewLocation(granted[0].Bucket, prefix)
	if err != nil {
		return nil, err
	}
	for _, l := range granted {
		if l.Covers(asked) {
			return []object.Location{asked}, nil
		}
	}
	return nil, problem.New(problem.Forbidden, "The prefix that is asked for lies outside those of the grant.")
}
