package iam

import (
	"fmt"
	"unicode/utf8"
)

// MarshalJSON returns the policy as canonical JSON: without white space, with
// elements in AWS's order, and with single values instead of lists of one
// value. Parsing it returns the same policy, apart from positions. MarshalJSON
// fails for a policy that no document can have, with the same operator and key
// twice in a statement.
func (p *Policy) MarshalJSON() ([]byte, error) {
	w := writer{}
	w.open('{')
	w.textMember("Version", p.Version.Value)
	w.textMember("Id", p.ID.Value)
	w.name("Statement")
	w.open('[')
	for i := range p.Statements {
		w.comma()
		if err := w.statement(&p.Statements[i]); err != nil {
			return nil, fmt.Errorf("printing statement %d: %w", i, err)
		}
	}
	w.close(']')
	w.close('}')
	return w.out, nil
}

type writer struct {
	out   []byte
	first bool // whether the innermost bracket is still empty
}

func (w *writer) statement(s *Statement) error {
	w.open('{')
	w.textMember("Sid", s.Sid.Value)
	w.textMember("Effect", s.Effect.Value)
	w.principal("Principal", s.Principal)
	w.principal("NotPrincipal", s.NotPrincipal)
	w.listMember("Action", s.Action)
	w.listMember("NotAction", s.NotAction)
	w.listMember("Resource", s.Resource)
	w.listMember("NotResource", s.NotResource)
	if len(s.Conditions) > 0 {
		w.name("Condition")
		if err := w.conditions(s.Conditions); err != nil {
			return err
		}
	}
	w.close('}')
	return nil
}

func (w *writer) principal(name string, p *PrincipalElement) {
	switch {
	case p == nil:
	case p.Any:
		w.textMember(name, "*")
	default:
		w.name(name)
		w.open('{')
		for i := range p.Entries {
			w.listMember(p.Entries[i].Type.Value, &p.Entries[i].Values)
		}
		w.close('}')
	}
}

// conditions writes each operator once, where it first occurs.
func (w *writer) conditions(conditions []Condition) error {
	printed := make(map[string]bool, len(conditions))
	w.open('{')
	for i := range conditions {
		operator := conditions[i].Operator.Value
		if printed[operator] {
			continue
		}
		printed[operator] = true
		w.name(operator)
		w.open('{')
		keys := make(map[string]bool)
		for j := i; j < len(conditions); j++ {
			c := &conditions[j]
			if c.Operator.Value != operator {
				continue
			}
			if keys[c.Key.Value] {
				return fmt.Errorf("%s has the key %q twice", operator, c.Key.Value)
			}
			keys[c.Key.Value] = true
			w.listMember(c.Key.Value, &c.Values)
		}
		w.close('}')
	}
	w.close('}')
	return nil
}

func (w *writer) listMember(name string, list *List) {
	if list == nil {
		return
	}
	w.name(name)
	if len(list.Values) == 1 {
		w.str(list.Values[0].Value)
		return
	}
	w.open('[')
	for i := range list.Values {
		w.comma()
		w.str(list.Values[i].Value)
	}
	w.close(']')
}

// textMember writes a member unless it is empty.
func (w *writer) textMember(name, value string) {
	if value == "" {
		return
	}
	w.name(name)
	w.str(value)
}

func (w *writer) name(name string) {
	w.comma()
	w.str(name)
	w.out = append(w.out, ':')
}

func (w *writer) open(bracket byte) {
	w.out = append(w.out, bracket)
	w.first = true
}

func (w *writer) close(bracket byte) {
	w.out = append(w.out, bracket)
	w.first = false
}

func (w *writer) comma() {
	if !w.first {
		w.out = append(w.out, ',')
	}
	w.first = false
}

func (w *writer) str(text string) {
	const digits = "0123456789abcdef"
	w.out = append(w.out, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			w.out = append(w.out, '\\', byte(r))
		case r < ' ':
			w.out = append(w.out, '\\', 'u', '0', '0', digits[r>>4], digits[r&15])
		default:
			w.out = utf8.AppendRune(w.out, r)
		}
	}
	w.out = append(w.out, '"')
}
