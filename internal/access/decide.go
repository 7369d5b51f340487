package access

import (
	"slices"

	"github.com/windlass-io/windlass/internal/problem"
)

// verdict is a decision and the rule that made it.
type verdict struct {
	refusal *problem.Error // nil: allowed
	reason  string
}

// err is nil, and not a nil *problem.Error, when it is allowed.
func (v verdict) err() error {
	if v.refusal == nil {
		return nil
	}
	return v.refusal
}

func allow(reason string) verdict { return verdict{reason: reason} }

func deny(refusal *problem.Error, reason string) verdict {
	return verdict{refusal: refusal, reason: reason}
}

// decide goes through the rules, from who asks to what is asked for. What no
// rule allows is denied.
func decide(actor Actor, action Action, resource Resource) verdict {
	if !action.Known() {
		return deny(forbidden(actor, action, resource), "No rule knows this action.")
	}
	switch actor.Kind {
	case System:
		return decideSystem(actor, action, resource)
	case Member, Secret, Publishable, Workload:
		if actor.ID == "" || resource.Workspace == "" || actor.Workspace != resource.Workspace {
			return deny(missing(resource), "The resource lies outside the actor's workspace.")
		}
	case Anonymous:
		return deny(unauthenticated(), "Nobody said who they are.")
	default:
		return deny(unauthenticated(), "No rule knows this kind of actor.")
	}
	return decideInside(actor, action, resource)
}

func decideSystem(actor Actor, action Action, resource Resource) verdict {
	if !permitted(actor.ID, action) {
		return deny(forbidden(actor, action, resource), "This part of the service has other work.")
	}
	return allow("It is the work of this part of the service.")
}

// decideInside is for actors in their own workspace.
func decideInside(actor Actor, action Action, resource Resource) verdict {
	switch actor.Kind {
	case Member:
		return decideMember(actor, action, resource)
	case Secret:
		return allow("A secret token may do everything in its workspace.")
	case Publishable:
		if action.Scopable() && resource.Kind == "dataset" && resource.ID != "" && slices.ContainsFunc(actor.Scopes, func(s Scope) bool {
			return s.Action == action && (s.Dataset == "*" || s.Dataset == resource.ID)
		}) {
			return allow("A scope of the token names it.")
		}
		return deny(forbidden(actor, action, resource), "No scope of the token names it.")
	case Workload:
		if action == GrantUse {
			return allow("A grant accepted the workload's token.")
		}
		return deny(forbidden(actor, action, resource), "A workload may use a grant and nothing else.")
	default:
		return deny(unauthenticated(), "No rule knows this kind of actor.")
	}
}

// decideMember is for people: all may do everything, but for what concerns who
// is a member.
func decideMember(actor Actor, action Action, resource Resource) verdict {
	switch {
	case !action.aboutMembers():
		return allow("A member may do everything in their workspace.")
	case action == MemberUpdate && resource.ID == actor.ID:
		return allow("A member may change what concerns themself.")
	case actor.Role == Owner:
		return allow("An owner decides who is a member.")
	case actor.Role == Admin && resource.Kind != KindOwner:
		return allow("An admin decides who is a member.")
	case actor.Role == Admin:
		return deny(forbidden(actor, action, resource), "Only an owner decides who is an owner.")
	default:
		return deny(forbidden(actor, action, resource), "Only an owner or an admin decides who is a member.")
	}
}

func unauthenticated() *problem.Error {
	return problem.New(problem.Unauthenticated, "This needs a token or a member who is signed in.").
		WithHint("Send \"Authorization: Bearer sk_…\", or sign in to the console.")
}

func forbidden(actor Actor, action Action, resource Resource) *problem.Error {
	e := problem.New(problem.Forbidden, "%s may not do %s on this %s.", describe(actor), action, resource.Kind)
	switch actor.Kind {
	case Member:
		return e.WithHint("Ask an owner or an admin of the workspace.")
	case Publishable:
		return e.WithHint("Give the token a scope for it, or use a secret token where nobody else sees it.")
	default:
		return e
	}
}

func describe(actor Actor) string {
	switch actor.Kind {
	case Member:
		return "You"
	case Publishable:
		return "This publishable token"
	case System:
		return "The " + actor.ID
	default:
		return "This actor"
	}
}

// missing is the answer for what lies in another workspace: a whole collection
// is missing with its workspace.
func missing(resource Resource) *problem.Error {
	if resource.ID == "" {
		return Missing("workspace", resource.Workspace)
	}
	return Missing(resource.Kind, resource.ID)
}
