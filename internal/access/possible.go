package access

import "slices"

// Possible reports whether there can be a resource in the actor's own workspace
// that the actor may do the action to. When it isn't, a request can be refused
// before anything of it is read; when it is, [Checker.Check] decides.
func Possible(actor Actor, action Action) bool {
	r := rules[action]
	if r == nil || actor.Kind != Member && !actor.Kind.HasToken() {
		return false
	}
	switch p := r.permit(actor.Role); {
	case p == no, p == operator && !actor.Operator:
		return false
	case !actor.Kind.HasToken(), action == TokenRevoke:
		return true
	default:
		return possibleByToken(actor, action, r)
	}
}

// possibleByToken reports whether the token can carry the action to a resource.
func possibleByToken(actor Actor, action Action, r *rule) bool {
	switch {
	case action == TokenCreate && actor.Kind != Secret:
		return false
	case actor.Kind == Publishable && !publishableActions(action):
		return false
	case actor.Kind == Personal && len(actor.Scopes) == 0:
		return !r.carries(nobody) && (!r.carries(people) || r.carries(personal))
	case r.carries(anySecret) && actor.Kind == Secret && len(actor.Scopes) > 0:
		return true
	default:
		return slices.ContainsFunc(actor.Scopes, func(s Scope) bool { return s.mayCarry(actor.Kind, r) })
	}
}

// mayCarry reports whether the scope carries actions of the rule to a resource.
func (s Scope) mayCarry(kind Kind, r *rule) bool {
	if !s.Named() {
		c, ok := scopeCarriers[s.Action]
		return ok && r.carries(c)
	}
	return r.carries(dataCarriers[s.Action]) && (kind != Publishable || s.Action == DataRead || s.Dataset != Every)
}
