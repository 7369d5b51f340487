package access

import "slices"

// Role is a member's role in their workspace. A role includes the ones before
// it.
type Role string

// The roles, lowest first.
const (
	Viewer Role = "viewer" // reads rows, settings and states
	Editor Role = "editor" // loads, changes rows, sources and datasets
	Admin  Role = "admin"  // connects and disconnects, sees the audit, manages those below
	Owner  Role = "owner"  // manages everybody
)

var roles = []Role{Viewer, Editor, Admin, Owner}

// Roles returns every role, lowest first.
func Roles() []Role { return slices.Clone(roles) }

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return slices.Contains(roles, r) }

// rank orders roles: 0 for an unknown one, 1 for a viewer.
func (r Role) rank() int { return slices.Index(roles, r) + 1 }

// Includes reports whether r is at least other. An unknown role includes
// nothing.
func (r Role) Includes(other Role) bool {
	return r.Valid() && other.Valid() && r.rank() >= other.rank()
}

// Above reports whether r is higher than other.
func (r Role) Above(other Role) bool { return r.Includes(other) && r != other }
