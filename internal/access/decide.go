package access

// verdict is a decision and the rule that made it.
type verdict struct {
	refusal error // nil: allowed
	reason  string
}

func allow(reason string) verdict { return verdict{reason: reason} }

func deny(refusal error, reason string) verdict { return verdict{refusal, reason} }

// Allowed reports whether the actor may do the action, without recording it.
// It serves to filter lists and to leave out what a page can't offer; the
// operation itself goes through [Checker.Check].
func Allowed(actor Actor, action Action, resource Resource) bool {
	return decide(actor, action, resource).refusal == nil
}

// decide checks the actor, then the workspace, then the role, then a token's
// scopes. It denies everything that no rule allows.
func decide(actor Actor, action Action, resource Resource) verdict {
	rule := rules[action]
	if rule == nil {
		return deny(forbidden(actor, action, nil), "No rule knows this action.")
	}
	switch actor.Kind {
	case System:
		return decideSystem(actor, action)
	case Anonymous:
		return decideAnonymous(action)
	case Member, Personal, Secret, Publishable, Workload:
	default:
		return deny(unauthenticated(), "No rule knows this kind of actor.")
	}
	if actor.ID == "" || actor.Kind != Workload && actor.Member == "" {
		return deny(unauthenticated(), "The token's maker is no longer a member.")
	}
	if !isInstance(rule, action, resource) && (actor.Workspace == "" || actor.Workspace != resource.Workspace) {
		return deny(missing(resource), "The resource belongs to another workspace.")
	}
	if actor.Kind == Workload {
		return decideWorkload(actor, action, rule)
	}
	return decideMember(actor, action, rule, resource)
}

// isInstance reports whether the action concerns the instance and no workspace.
func isInstance(r *rule, action Action, resource Resource) bool {
	return r.permit(Owner) == operator ||
		resource.Kind == KindInstance && (action == SecurityList || action == IdentityRead)
}

func decideSystem(actor Actor, action Action) verdict {
	if !permitted(actor.ID, action) {
		return deny(forbidden(actor, action, nil), "This part of the service isn't responsible for this.")
	}
	return allow("This part of the service is responsible for this.")
}

func decideAnonymous(action Action) verdict {
	if action == SignInUse {
		return allow("Anyone may try to sign in.")
	}
	return deny(unauthenticated(), "The request had no token and no session.")
}

func decideWorkload(actor Actor, action Action, r *rule) verdict {
	if r.carries(workload) {
		return allow("A grant accepted the workload's token.")
	}
	return deny(forbidden(actor, action, r), "A workload can only use a grant.")
}

// decideMember decides for people and for tokens, which act for their maker.
func decideMember(actor Actor, action Action, r *rule, resource Resource) verdict {
	if action == TokenRevoke && actor.Token != "" && resource.ID == actor.Token {
		return allow("Every token can revoke itself.")
	}
	if v := decideRole(actor, action, r, resource); v.refusal != nil {
		return v
	}
	if actor.Kind.HasToken() {
		return decideToken(actor, action, r, resource)
	}
	if needsFresh(action, resource) && !actor.Fresh {
		return deny(Stale(actor), "This needs a person who signed in within the last 10 minutes.")
	}
	return allow("The member's role has this action.")
}

func decideRole(actor Actor, action Action, r *rule, resource Resource) verdict {
	switch permit := r.permit(actor.Role); {
	case resource.Kind == KindInstance && action == SecurityList && !actor.Operator:
		return deny(forbidden(actor, action, r), "Only an owner of the home workspace may read the whole security log.")
	case !permit.reaches(actor, resource):
		return deny(forbidden(actor, action, r), "The member's role doesn't have this action.")
	case resource.NewRole != "" && !actor.Role.Includes(resource.NewRole):
		return deny(forbidden(actor, action, r), "Members may only assign roles up to their own.")
	case action == TokenCreate && resource.NewKind == Publishable && !actor.Role.Includes(Editor):
		return deny(forbidden(actor, action, r), "A publishable token needs an editor.")
	default:
		return allow("")
	}
}

// reaches reports whether a permit covers the resource.
func (p permit) reaches(actor Actor, resource Resource) bool {
	switch p {
	case yes:
		return true
	case own:
		return isOwn(actor, resource)
	case lower:
		return isOwn(actor, resource) || actor.Role.Above(resource.Role)
	case upToOwn:
		return actor.Role.Includes(resource.Role)
	case operator:
		return actor.Operator
	case no:
		return false
	default:
		return false
	}
}

// isOwn reports whether the resource is the acting member or a token they made.
func isOwn(actor Actor, resource Resource) bool {
	if resource.Kind == "token" {
		return resource.Maker == actor.Member
	}
	return resource.ID == actor.Member
}

// decideToken restricts the maker's role to the token's scopes.
func decideToken(actor Actor, action Action, r *rule, resource Resource) verdict {
	switch {
	case resource.Kind == "token" && !isOwn(actor, resource):
		return deny(forbidden(actor, action, r), "A token may only manage tokens of its own maker.")
	case action == TokenCreate && !mayCreate(actor, resource):
		return deny(forbidden(actor, action, r), "A token may only create tokens that can do less than itself.")
	case actor.Kind == Personal && len(actor.Scopes) == 0:
		if r.carries(people) && !r.carries(personal) || r.carries(nobody) {
			return deny(forbidden(actor, action, r), "Only a person who is signed in may do this.")
		}
		return allow("A personal token may do what its member may.")
	case !carried(actor, action, r, resource):
		return deny(forbidden(actor, action, r), "No scope of the token includes this action.")
	default:
		return allow("A scope of the token includes this action.")
	}
}

// mayCreate reports whether a token may create the token that resource
// describes: a secret token may, with scopes that it has itself.
func mayCreate(actor Actor, resource Resource) bool {
	return actor.Kind == Secret && resource.NewKind != Personal && coverAll(actor.Scopes, resource.NewScopes)
}
