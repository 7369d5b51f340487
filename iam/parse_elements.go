package iam

func (r *reader) principal(m *Member) *PrincipalElement {
	if !r.kind.bearsPrincipal() {
		r.report(CodeUnsupportedPrincipal, m.Position, "a policy of kind %s has no %s: it speaks of the identity that it is attached to", r.kind, m.Name)
	}
	p := &PrincipalElement{Position: m.Value.Position}
	if m.Value.Kind == StringNode && m.Value.Text == "*" {
		p.Any = true
		return p
	}
	if m.Value.Kind == StringNode {
		r.report(CodeInvalidPrincipal, m.Value.Position, "the principal %q has no type; write \"*\" or an object such as {\"AWS\": \"111122223333\"}", clip(m.Value.Text))
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
			r.report(CodeInvalidPrincipalKey, entry.Position, "the principal type %q is none of AWS, Service, Federated, CanonicalUser", clip(entry.Name))
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
