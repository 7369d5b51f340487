package iam

func (r *reader) principal(m *Member) *PrincipalElement {
	if !r.kind.hasPrincipal() {
		r.report(CodeUnsupportedPrincipal, m.Position,
			"%[2]s is not supported in a policy of kind %[1]s, which applies to the identity it is attached to", r.kind,
			m.Name)
	}
	p := &PrincipalElement{Position: m.Value.Position}
	if m.Value.Kind == StringNode && m.Value.Text == "*" {
		p.Any = true
		return p
	}
	if m.Value.Kind == StringNode {
		r.report(CodeInvalidPrincipal, m.Value.Position,
			"the principal %q has no type; use \"*\" or an object such as {\"AWS\": \"111122223333\"}",
			clip(m.Value.Text))
		return p
	}
	if !r.object(&m.Value) {
		return p
	}
	for i := range m.Value.Members {
		entry := &m.Value.Members[i]
		r.enter(entry.Name)
		switch entry.Name {
		case "AWS", "Service", "Federated", "CanonicalUser":
			values := r.list(&entry.Value, false)
			p.Entries = append(p.Entries, PrincipalEntry{Type: Text{entry.Name, entry.Position}, Values: values})
		default:
			r.report(CodeInvalidPrincipalKey, entry.Position,
				"unknown principal type %q; use AWS, Service, Federated or CanonicalUser", clip(entry.Name))
		}
		r.leave()
	}
	return p
}

func (r *reader) conditions(n *Node) []Condition {
	if !r.object(n) {
		return nil
	}
	conditions := make([]Condition, 0, countMembers(n))
	for i := range n.Members {
		operator := &n.Members[i]
		r.enter(operator.Name)
		if r.object(&operator.Value) {
			conditions = r.keys(conditions, operator)
		}
		r.leave()
	}
	return conditions
}

func (r *reader) keys(conditions []Condition, operator *Member) []Condition {
	for i := range operator.Value.Members {
		key := &operator.Value.Members[i]
		r.enter(key.Name)
		conditions = append(conditions, Condition{
			Operator: Text{operator.Name, operator.Position},
			Key:      Text{key.Name, key.Position},
			Values:   r.list(&key.Value, true),
		})
		r.leave()
	}
	return conditions
}

// countMembers counts the keys of all operators.
func countMembers(n *Node) int {
	count := 0
	for i := range n.Members {
		count += len(n.Members[i].Value.Members)
	}
	return count
}
