package access

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
)

// Missing returns the error for a thing that doesn't exist, and for one that
// the caller may not see: "There is no dataset ds_01….".
func Missing(kind, id string) *problem.Error {
	return problem.New(problem.NotFound, "There is no %s %s.", kind, id)
}

// missing returns the error for a thing of another workspace. A whole
// collection is missing with its workspace.
func missing(resource Resource) error {
	if resource.ID == "" {
		return Missing("workspace", resource.Workspace)
	}
	return Missing(resource.Kind, resource.ID)
}

func unauthenticated() error {
	return problem.New(problem.Unauthenticated, "This needs a token or a signed-in member.").
		WithHint("Send \"Authorization: Bearer sk_…\", or sign in to the console.")
}

// forbidden names the action, and the role or the scope that has it. r is nil
// for an unknown action.
func forbidden(actor Actor, action Action, r *rule) error {
	refuse := func(who, hint string) error {
		e := problem.New(problem.Forbidden, "%s can't do this: %s is not allowed.", who, action).WithHint("%s", hint)
		if actor.Kind.HasToken() {
			e = e.WithReason("scope")
		}
		return e
	}
	switch {
	case r == nil && actor.Kind == System:
		return refuse("The "+actor.ID, "This part of the service isn't responsible for this.")
	case r == nil:
		return problem.New(problem.Forbidden, "The action %s doesn't exist.", action)
	case actor.Kind == Workload:
		return refuse("A workload", "A workload can only exchange its OIDC token for credentials.")
	case actor.Kind.HasToken() && r.carries(people) && !r.carries(personal):
		return refuse("A token", "Sign in to do this, in the console or with windlass login.")
	case action == TokenCreate && actor.Kind == Secret && actor.has(ScopeManage):
		return refuse("This token", "A token can only create secret and publishable tokens with scopes that it has "+
			"itself.")
	case actor.Kind.HasToken() && r.permit(actor.Role) != no:
		return refuse("This token", scopeHint(r))
	case actor.Kind.HasToken():
		return refuse("This token", roleHint(r, "Its maker's role is "+string(actor.Role)+"."))
	default:
		return refuse("You", roleHint(r, "Your role is "+string(actor.Role)+"."))
	}
}

// has reports whether one of the actor's scopes is of this action.
func (a *Actor) has(action Action) bool {
	return slices.ContainsFunc(a.Scopes, func(s Scope) bool { return s.Action == action })
}

func roleHint(r *rule, is string) string {
	switch lowest := r.lowest(); {
	case r.permit(Owner) == operator:
		return "Only an owner of the home workspace may do this."
	case lowest == "":
		return "Only the service itself can do this."
	case slices.Contains(r.roles[:], lower) || slices.Contains(r.roles[:], own) || slices.Contains(r.roles[:], upToOwn):
		return is + " An admin may do this for members with a lower role, an owner for everybody."
	default:
		return is + " It needs the role " + string(lowest) + " or above; ask an owner or an admin of the workspace."
	}
}

func scopeHint(r *rule) string {
	var scopes []string
	for _, c := range r.tokens {
		if c != people && c != personal && c != workload && c != nobody && c != anySecret {
			scopes = append(scopes, string(c))
		}
	}
	if len(scopes) == 0 {
		return "No token scope covers it: use a personal token, or sign in."
	}
	return "Use a token that has the scope " + strings.Join(scopes, " or ") + "."
}

// Refusal returns the error for an action that a page doesn't offer to the actor.
// It names who can perform it.
func Refusal(actor Actor, action Action) error { return forbidden(actor, action, rules[action]) }
