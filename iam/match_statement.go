package iam

// statement is a compiled [Statement].
type statement struct {
	index       int // in the policy
	deny        bool
	anyResource bool
	action      actionSet
	principal   *principalSet // nil for policy kinds without Principal
	resource    resourceSet
	conditions  []condition
}

// match reports whether the statement applies to a request, and how it names
// the caller. It writes the details into m unless m is nil.
func (s *statement) match(e *evaluation, m *Match) (applies bool, named grantee) {
	if !s.action.match(&e.action) {
		return m.failed(ActionElement, no), nobody
	}
	return s.matchRest(e, m)
}

// matchRest is match for a request whose action matches.
func (s *statement) matchRest(e *evaluation, m *Match) (applies bool, named grantee) {
	result := yes
	if s.principal != nil {
		result, named = s.principal.match(&e.request.Principal, s.deny, e.policies.Boundary != nil)
		if !result.applies(s.deny) {
			return m.failed(PrincipalPart, result), nobody
		}
	}
	if !s.anyResource {
		t := s.resource.match(e.request.Resource, &e.request.Context)
		if !t.applies(s.deny) {
			return m.failed(ResourceElement, t), nobody
		}
		result = min(result, t)
	}
	for i := range s.conditions {
		t, cause := s.conditions[i].match(&e.request.Context)
		if !t.applies(s.deny) {
			return m.failedCondition(i, cause, t), nobody
		}
		result = min(result, t)
	}
	if m != nil {
		*m = Match{Applies: true, Condition: -1, Doubt: result == doubt}
	}
	return true, named
}

// failed records the first element that didn't match. It always returns false.
func (m *Match) failed(element Element, t truth) bool {
	if m != nil {
		*m = Match{Failed: element, Condition: -1, Doubt: t == doubt}
	}
	return false
}

func (m *Match) failedCondition(index int, cause Cause, t truth) bool {
	if m != nil {
		*m = Match{Failed: ConditionElement, Condition: index, Cause: cause, Doubt: t == doubt}
	}
	return false
}
