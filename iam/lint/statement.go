package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/reference"
)

// statement is a statement with data that several rules need.
type statement struct {
	*iam.Statement
	index      int
	place      place
	node       *iam.Node
	allow      bool
	deny       bool
	conditions []condition

	// The values of the elements.
	actions, notActions, resources, notResources []entry
	// patterns are the resources with variables replaced by stars. readable is
	// false if a resource is malformed, which another rule reports.
	patterns []string
	readable bool
}

// condition is a condition with its operator and key looked up.
type condition struct {
	*iam.Condition
	place    place // of the key
	operator operator
	valid    bool // the operator exists
	key      reference.Key
	known    bool // the key exists
}

// entry is one value of an element.
type entry struct {
	iam.Text
	place  place
	covers []*reference.Action // for an action: the actions that it matches; empty unless looked is set
	looked bool                // for an action: covers is set
}

func (c *checker) statements() []statement {
	list := statementsIn(c.root)
	if list == nil {
		return nil
	}
	out := make([]statement, len(c.policy.Statements))
	for i := range c.policy.Statements {
		s := &c.policy.Statements[i]
		node, path := list, "Statement"
		if node.Kind == iam.ArrayNode {
			node, path = &node.Elements[i], fmt.Sprintf("Statement[%d]", i)
		}
		out[i] = statement{
			Statement: s, index: i, place: place{s.Position, path}, node: node,
			allow: s.Effect.Value == "Allow", deny: s.Effect.Value == "Deny",
			actions:      c.looked(elementEntries(s.Action, path+".Action")),
			notActions:   c.looked(elementEntries(s.NotAction, path+".NotAction")),
			resources:    elementEntries(s.Resource, path+".Resource"),
			notResources: elementEntries(s.NotResource, path+".NotResource"),
		}
		out[i].patterns, out[i].readable = patterns(s.Resource)
		for j := range s.Conditions {
			out[i].conditions = append(out[i].conditions, newCondition(&s.Conditions[j], path))
		}
	}
	return out
}

// statementsIn returns the node that the policy's statements were read from:
// the last Statement member with an object or array, as in [iam.FromDocument].
// It returns nil if there is no such member.
func statementsIn(root *iam.Node) *iam.Node {
	var found *iam.Node
	for i := range root.Members {
		m := &root.Members[i]
		if m.Name == "Statement" && (m.Value.Kind == iam.ObjectNode || m.Value.Kind == iam.ArrayNode) {
			found = &m.Value
		}
	}
	return found
}

// looked sets the covers of actions, as far as the budget allows.
func (c *checker) looked(actions []entry) []entry {
	for i := range actions {
		cost := 1
		if prefix, name, _ := strings.Cut(actions[i].Value, ":"); wildcards(prefix) {
			cost = 25_000 // every action of every service
		} else if wildcards(name) {
			cost = 200
		}
		if c.spend(cost) {
			actions[i].covers, actions[i].looked = reference.ExpandActions(actions[i].Value), true
		}
	}
	return actions
}

func newCondition(from *iam.Condition, path string) condition {
	c := condition{Condition: from}
	c.place = place{
		from.Key.Position, path + ".Condition." + shorten(from.Operator.Value) + "." + shorten(from.Key.Value),
	}
	c.operator, c.valid = parseOperator(from.Operator.Value)
	c.key, c.known = reference.FindKey(from.Key.Value)
	return c
}

// elementEntries returns the values of an element with their positions.
func elementEntries(list *iam.List, path string) []entry {
	if list == nil {
		return nil
	}
	return entries(*list, path)
}

func entries(list iam.List, path string) []entry {
	out := make([]entry, len(list.Values))
	for i, value := range list.Values {
		at := place{value.Position, path}
		if value.Position != list.Position { // else the element is a string, not an array
			at.path = fmt.Sprintf("%s[%d]", path, i)
		}
		out[i] = entry{Text: value, place: at}
	}
	return out
}

// actionElements returns the values of Action and NotAction.
func (s *statement) actionElements() []entry { return slices.Concat(s.actions, s.notActions) }

// resourceElements returns the values of Resource and NotResource.
func (s *statement) resourceElements() []entry { return slices.Concat(s.resources, s.notResources) }

func (c *condition) entries() []entry { return entries(c.Values, c.place.path) }

// named reports whether the condition is on one of the keys. A name that ends
// with "/" matches all keys with that prefix.
func (c *condition) named(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		if strings.HasSuffix(name, "/") {
			return len(c.Key.Value) > len(name) && strings.EqualFold(c.Key.Value[:len(name)], name)
		}
		return strings.EqualFold(c.Key.Value, name)
	})
}

// binding reports whether the condition only matches requests that have the key
// with one of the values.
func (c *condition) binding() bool {
	o := c.operator
	return c.valid && !o.negated && !o.ifExists && o.qualifier != forAllValues && o.family != nullFamily
}

// bound reports whether a condition requires one of the keys to have one of
// several values, none of which is just a wildcard.
func (s *statement) bound(names ...string) bool {
	for i := range s.conditions {
		c := &s.conditions[i]
		if !c.named(names...) || !c.binding() {
			continue
		}
		wild := func(v iam.Text) bool { return strings.Trim(v.Value, "*?") == "" && c.operator.wild }
		if len(c.Values.Values) > 0 && !slices.ContainsFunc(c.Values.Values, wild) {
			return true
		}
	}
	return false
}

// shorten limits what a message or path quotes from a document.
func shorten(text string) string {
	const maxBytes = 200
	if len(text) <= maxBytes {
		return text
	}
	return strings.ToValidUTF8(text[:maxBytes], "") + "…"
}
