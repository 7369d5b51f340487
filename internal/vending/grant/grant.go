// Package grant is which tokens may be exchanged for credentials, to which
// prefixes, and for what, as data.
//
//	draft    what may be saved: a grant that lets in too many is refused with the reason
//	match    a token held to a grant, condition by condition
//	expand   the prefixes for one user
package grant

import (
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/vending/provider"
)

// Bounds.
const (
	MaxPerWorkspace = 500 // grants that are not revoked, by default
	MaxConditions   = 20
	MaxValues       = 50 // of one condition
	MaxPrefixes     = 10
	MaxUsers        = 500
	MaxTags         = 20
	MaxExchanges    = 100 // of one token
	maxValueBytes   = 512
)

// Everyone stands in the users of a grant for members: every member of the
// workspace.
const Everyone = "*"

// Grant is a promise of credentials.
type Grant struct {
	ID          string // "grt_…"
	Workspace   string // workspace ID
	Name        string // unique among those of the workspace that are not revoked
	Provider    string // provider ID, or [provider.Members]
	Conditions  []Condition
	Integration string   // integration ID
	Bucket      string   // in the integration's locations
	Prefixes    []string // in the integration's locations; a segment may be [UserVariable]; "" is the whole bucket
	Actions     []Action
	MaxDuration time.Duration // of the credentials; 15 minutes to 12 hours
	Exchanges   int           // how often one token may be exchanged; at least 1
	NotBefore   time.Time     // zero: at once
	NotAfter    time.Time     // zero: until revoked
	// What is shut out unless it is let in.
	AllowForks        bool
	AllowSSHReruns    bool
	AllowPullRequests bool
	Users             []string // unchanging user IDs; empty: any, but never for members
	Tags              []string // claims that become session tags, the most important first
	Version           int64    // counts changes
	CreatedAt         time.Time
	RevokedAt         time.Time // zero: it is not
}

// Operator is how a claim is held to values.
type Operator string

// The operators. A list holds when one of its items does.
const (
	Equals Operator = "equals" // the one value, in its exact case
	OneOf  Operator = "one_of" // any of the values
	Glob   Operator = "glob"   // a pattern in which "*" is any text without "/"; only on refs
)

// Condition holds a claim to values.
type Condition struct {
	Claim    string   `json:"claim"`
	Operator Operator `json:"operator"`
	Values   []string `json:"values"` // of a boolean claim: "true" or "false"
}

// Action is what may be done with objects.
type Action string

// The actions.
const (
	List   Action = "list"
	Read   Action = "read"
	Write  Action = "write"  // put and overwrite
	Delete Action = "delete" // not of old versions
)

// Actions lists the actions in their order.
func Actions() []Action { return []Action{List, Read, Write, Delete} }

// UserVariable is the segment of a prefix that stands for the user's ID.
const UserVariable = "${user}"

// ForMembers says whether the grant is for people who are signed in, not for
// tokens of a provider.
func (g *Grant) ForMembers() bool { return g.Provider == provider.Members }

// Allows says whether the grant lets in what a flag shuts out.
func (g *Grant) Allows(flag provider.Flag) bool {
	switch flag {
	case provider.Forks:
		return g.AllowForks
	case provider.SSHReruns:
		return g.AllowSSHReruns
	case provider.PullRequests:
		return g.AllowPullRequests
	}
	return false
}

// For says whether the grant is for a user; no ID is nobody.
func (g *Grant) For(user string) bool {
	if len(g.Users) == 0 {
		return !g.ForMembers()
	}
	return user != "" && (slices.Contains(g.Users, user) || g.ForMembers() && slices.Contains(g.Users, Everyone))
}

// sorted gives the actions in their order, each once.
func sorted(actions []Action) []Action {
	var out []Action
	for _, a := range Actions() {
		if slices.Contains(actions, a) {
			out = append(out, a)
		}
	}
	return out
}
