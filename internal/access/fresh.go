package access

import (
	"errors"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// FreshFor is how long a session is fresh after its sign-in.
const FreshFor = 10 * time.Minute

// Fresh reports whether a person who signed in at a time did so recently.
func Fresh(signedIn, now time.Time) bool {
	return !signedIn.IsZero() && now.Before(signedIn.Add(FreshFor))
}

// The refusals of a session that isn't fresh, in the console and on the command
// line.
var (
	errStale = problem.New(problem.Forbidden, "You signed in more than 10 minutes ago.").
			WithHint("Sign in again to do this.")
	errStaleSession = problem.New(problem.Forbidden, "You signed in more than 10 minutes ago.").
			WithHint("Run windlass login again, then repeat this within 10 minutes.")
)

// Stale returns the refusal of an actor whose session isn't fresh.
func Stale(actor Actor) error {
	if actor.Token != "" {
		return errStaleSession
	}
	return errStale
}

// IsStale reports whether an act was refused only because the session isn't
// fresh: the person can sign in again and repeat it.
func IsStale(err error) bool { return errors.Is(err, errStale) || errors.Is(err, errStaleSession) }

// needsFresh reports whether an act needs a fresh session of a person: linking
// an identity, a new password, making an owner, deleting a workspace, a token that
// can manage or read the audit, a sign-in link, and signing a command in.
func needsFresh(action Action, resource Resource) bool {
	switch action {
	case MemberLink, WorkspaceRemove, SignInCreate: // a link makes a fresh session of a stale one
		return true
	case SignInUse: // otherwise a stale session could create a fresh one
		return resource.Kind == KindCommand
	case MemberCreate:
		return resource.Role == Owner
	case MemberUpdate:
		return resource.NewPassword || resource.NewRole == Owner
	case TokenCreate, TokenUpdate, TokenAdopt:
		return Powerful(resource.NewKind, resource.NewScopes)
	default:
		return false
	}
}

// Powerful reports whether a token of this kind with these scopes can manage or
// read the audit. A personal token without scopes can do both.
func Powerful(kind Kind, scopes []Scope) bool {
	return kind == Personal && len(scopes) == 0 ||
		slices.ContainsFunc(scopes, func(s Scope) bool { return s.Action == ScopeManage || s.Action == ScopeAudit })
}
