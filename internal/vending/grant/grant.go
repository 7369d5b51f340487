// Package grant defines which tokens can be exchanged for credentials, to
// which prefixes and for which actions.
//
//	draft    validates a grant; rejects one that accepts strangers' tokens
//	match    evaluates a grant for a token, condition by condition
//	expand   returns the locations for a user
package grant

import (
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/vending/provider"
)

// Limits.
const (
	MaxPerWorkspace = 500 // grants, without revoked ones, by default
	MaxConditions   = 20
	MaxValues       = 50 // of one condition
	MaxPrefixes     = 10
	MaxUsers        = 500
	MaxTags         = 20
	MaxExchanges    = 100 // of one token
	maxValueBytes   = 512
)

// Everyone means all members of the workspace, as a user of a grant for members.
const Everyone = "*"

// Grant defines who gets credentials and what the credentials allow.
type Grant struct {
	ID          string // "grt_…"
	Workspace   string // ID
	Name        string // unique in the workspace, except among revoked grants
	Provider    string // ID, or [provider.Members]
	Conditions  []Condition
	Integration string // ID
	Bucket      string // in the integration's locations
	// in the integration's locations; a segment may be [UserVariable]; "" is the whole bucket
	Prefixes          []string
	Actions           []Action
	MaxDuration       time.Duration // of the credentials, 15 minutes to 12 hours
	Exchanges         int           // number of exchanges of one token, at least 1
	NotBefore         time.Time     // zero: valid immediately
	NotAfter          time.Time     // zero: valid until revoked
	AllowForks        bool          // accept jobs that run the code of a fork
	AllowSSHReruns    bool          // accept jobs that a person can enter
	AllowPullRequests bool          // accept jobs for pull requests
	Users             []string      // permanent user IDs; empty: any user, but never for members
	Tags              []string      // claims that become session tags, most important first
	Version           int64         // increases with every change
	CreatedAt         time.Time
	RevokedAt         time.Time // zero unless revoked
}

// Operator compares a claim with values.
type Operator string

// The operators. A list matches when one of its items does.
const (
	Equals Operator = "equals" // exactly the value
	OneOf  Operator = "one_of" // exactly one of the values
	Glob   Operator = "glob"   // a pattern where "*" matches any text without "/"; only for refs
)

// Condition restricts a claim to values.
type Condition struct {
	Claim    string   `json:"claim"`
	Operator Operator `json:"operator"`
	Values   []string `json:"values"` // of a boolean claim: "true" or "false"
}

// Action is an operation on objects.
type Action string

// The actions.
const (
	List   Action = "list"
	Read   Action = "read"
	Write  Action = "write"  // put and overwrite
	Delete Action = "delete" // current versions only
)

// Actions returns all actions in their order.
func Actions() []Action { return []Action{List, Read, Write, Delete} }

// UserVariable is a segment of a prefix that is replaced by the user's ID.
const UserVariable = "${user}"

// ForMembers reports whether the grant is for members, rather than for tokens
// of a provider.
func (g *Grant) ForMembers() bool { return g.Provider == provider.Members }

// Allows reports whether the grant accepts jobs with this flag.
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

// For reports whether the grant is for a user. An empty ID is an unknown user.
func (g *Grant) For(user string) bool {
	if len(g.Users) == 0 {
		return !g.ForMembers()
	}
	return user != "" && (slices.Contains(g.Users, user) || g.ForMembers() && slices.Contains(g.Users, Everyone))
}

// sorted returns the actions in their order, without duplicates.
func sorted(actions []Action) []Action {
	var out []Action
	for _, a := range Actions() {
		if slices.Contains(actions, a) {
			out = append(out, a)
		}
	}
	return out
}
