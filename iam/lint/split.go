package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// part is one of the statements that a statement is split into. Empty fields
// keep the original values.
type part struct {
	actions   []string
	resources []string
	condition iam.Node // an object: the new condition
	without   string   // the condition key to remove
}

// split replaces a statement with several. The first keeps the Sid, and the
// others get it with a number.
func split(s *statement, parts []part) edit {
	if len(parts) == 0 {
		return nil
	}
	return func(d *draft) bool {
		statements := statementsIn(d.root)
		if statements == nil {
			return false
		}
		if statements.Kind == iam.ObjectNode {
			only := *statements
			*statements = iam.Node{Kind: iam.ArrayNode, Elements: []iam.Node{only}}
		}
		old := statements.Elements
		if s.index >= len(old) {
			return false
		}
		elements := append([]iam.Node{}, old[:s.index]...)
		for i, p := range parts {
			elements = append(elements, p.of(clone(old[s.index]), i))
		}
		statements.Elements = append(elements, old[s.index+1:]...)
		return true
	}
}

func (p part) of(n iam.Node, number int) iam.Node {
	if len(p.actions) > 0 {
		set(&n, "Action", list(p.actions...))
	}
	if len(p.resources) > 0 {
		set(&n, "Resource", list(p.resources...))
	}
	if len(p.condition.Members) > 0 {
		set(&n, "Condition", p.condition)
	}
	if p.without != "" {
		dropKey(&n, p.without)
	}
	if sid := n.Member("Sid"); sid != nil && number > 0 {
		sid.Value = text(fmt.Sprintf("%s%d", sid.Value.Text, number+1))
	}
	return n
}

func set(n *iam.Node, name string, value iam.Node) {
	if m := n.Member(name); m != nil {
		m.Value = value
		return
	}
	n.Members = append(n.Members, iam.Member{Name: name, Value: value})
}

// dropKey removes a condition key from a statement, and elements that become
// empty.
func dropKey(n *iam.Node, key string) {
	condition := n.Member("Condition")
	if condition == nil {
		return
	}
	operators := condition.Value.Members[:0:0]
	for _, operator := range condition.Value.Members {
		removeKey(&operator.Value, key)
		if len(operator.Value.Members) > 0 {
			operators = append(operators, operator)
		}
	}
	condition.Value.Members = operators
	if len(operators) == 0 {
		removeIn(n, condition.Position)
	}
}

// removeKey removes a condition key, ignoring case, from an operator's keys.
func removeKey(keys *iam.Node, name string) {
	keys.Members = slices.DeleteFunc(keys.Members, func(m iam.Member) bool { return strings.EqualFold(m.Name, name) })
}
