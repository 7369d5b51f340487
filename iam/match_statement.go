package iam

// statement is a compiled [Statement].
type statement struct {
	deny        bool
	anyResource bool
	action      actionSet
	principal   *principalSet // nil where the policy's kind has none
	resource    resourceSet
	conditions  []condition
}

// match decides whether the statement applies to a request, and how it names
// the caller.
func (s *statement) match(e *evaluation) (Match, grantee) {
	m := Match{Condition: -1}
	if !s.action.match(e.actionHash, e.request.Action) {
		m.Failed = ActionElement
		return m, nobody
	}
	result, named := yes, nobody
	if s.principal != nil {
		result, named = s.principal.match(&e.request.Principal, s.deny, e.policies.Boundary != nil)
		if !result.holds(s.deny) {
			m.Failed, m.Doubt = PrincipalMatch, result == doubt
			return m, nobody
		}
	}
	if !s.anyResource {
		t := s.resource.match(&e.resource, &e.request.Context)
		if result = min(result, t); !t.holds(s.deny) {
			m.Failed, m.Doubt = ResourceElement, t == doubt
			return m, nobody
		}
	}
	for i := range s.conditions {
		t, cause := s.conditions[i].match(&e.request.Context)
		if result = min(result, t); !t.holds(s.deny) {
			m.Failed, m.Condition, m.Cause, m.Doubt = ConditionElement, i, cause, t == doubt
			return m, nobody
		}
	}
	m.Applies, m.Doubt = true, result == doubt
	return m, named
}
