package access

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
)

// Scope is a permission of a token. Its text form is "read:prices",
// "read", "query", "load", "manage", "audit" or "metrics".
type Scope struct {
	// data.read, data.write, data.delete, data.query, or one of the words below
	Action  Action `json:"action"`
	Dataset string `json:"dataset,omitempty"` // of the first three: a dataset's or view's ID, or "*" for every one
}

// The scopes that cover a group of actions rather than one action.
const (
	ScopeLoad    Action = "load"    // run and watch loads
	ScopeManage  Action = "manage"  // settings, without reading rows
	ScopeAudit   Action = "audit"   // the audit and the security log
	ScopeMetrics Action = "metrics" // the service's metrics
)

// Every is the dataset of a scope that covers every dataset and view, also
// later ones.
const Every = "*"

var scopeWords = []struct {
	word   string
	action Action
	named  bool // names a dataset
}{
	{"read", DataRead, true},
	{"write", DataWrite, true},
	{"delete", DataDelete, true},
	{"query", DataQuery, false},
	{"load", ScopeLoad, false},
	{"manage", ScopeManage, false},
	{"audit", ScopeAudit, false},
	{"metrics", ScopeMetrics, false},
}

// ParseScope parses a scope's text form. A data scope without a name covers
// every dataset.
func ParseScope(text string) (Scope, error) {
	word, name, hasName := strings.Cut(text, ":")
	for _, w := range scopeWords {
		switch {
		case w.word != word:
		case hasName && (!w.named || name == ""):
			return Scope{}, problem.New(problem.Invalid, "Scope %q: %s can't have this name.", text, word).
				WithHint("Use read:NAME, write:NAME or delete:NAME with a dataset's name, or one of query, load, " +
					"manage, audit, metrics.")
		case w.named:
			return Scope{w.action, orEvery(name)}, nil
		default:
			return Scope{Action: w.action}, nil
		}
	}
	return Scope{}, problem.New(problem.Invalid, "Scope %q is unknown.", text).
		WithHint("Use one of read, write, delete (each may name a dataset, such as read:prices), query, load, " +
			"manage, audit, metrics.")
}

func orEvery(name string) string {
	if name == "" {
		return Every
	}
	return name
}

// String returns the scope's text form.
func (s Scope) String() string {
	for _, w := range scopeWords {
		if w.action == s.Action {
			if w.named {
				return w.word + ":" + orEvery(s.Dataset)
			}
			return w.word
		}
	}
	return string(s.Action)
}

// Named reports whether a scope with this action names datasets.
func (s Scope) Named() bool {
	return s.Action == DataRead || s.Action == DataWrite || s.Action == DataDelete
}

// Known reports whether the scope's action exists, and that the scope names a
// dataset if it must.
func (s Scope) Known() bool {
	for _, w := range scopeWords {
		if w.action == s.Action {
			return w.named == (s.Dataset != "")
		}
	}
	return false
}

// Covers reports whether s allows everything that other allows.
func (s Scope) Covers(other Scope) bool {
	return s.Action == other.Action && (s.Dataset == other.Dataset || s.Named() && s.Dataset == Every)
}

// coverAll reports whether each of inner is covered by one of outer.
func coverAll(outer, inner []Scope) bool {
	return !slices.ContainsFunc(inner, func(in Scope) bool {
		return !slices.ContainsFunc(outer, func(out Scope) bool { return out.Covers(in) })
	})
}

// AllScopes returns the scopes of a token that can do everything but read the
// audit and the metrics.
func AllScopes() []Scope {
	return []Scope{
		{DataRead, Every},
		{DataWrite, Every},
		{DataDelete, Every},
		{Action: DataQuery},
		{Action: ScopeLoad},
		{Action: ScopeManage},
	}
}

// Fits reports whether a member with this role may create a token with this
// scope.
func (s Scope) Fits(role Role) bool {
	switch s.Action {
	case DataRead, DataQuery, ScopeManage:
		return role.Includes(Viewer)
	case DataWrite, DataDelete, ScopeLoad:
		return role.Includes(Editor)
	case ScopeAudit:
		return role.Includes(Admin)
	case ScopeMetrics:
		return role.Includes(Owner)
	default:
		return false
	}
}
