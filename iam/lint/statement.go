package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/reference"
)

// statement is a statement with what rules ask of it again and again.
type statement struct {
	*iam.Statement
	index      int
	place      place
	allow      bool
	deny       bool
	conditions []condition
}

// condition is an operator and a key, looked up.
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
	place place
}

func (c *checker) statements() []statement {
	out := make([]statement, len(c.policy.Statements))
	listed := c.root.Member("Statement") != nil && c.root.Member("Statement").Value.Kind == iam.ArrayNode
	for i := range c.policy.Statements {
		s := &c.policy.Statements[i]
		path := "Statement"
		if listed {
			path = fmt.Sprintf("Statement[%d]", i)
		}
		out[i] = statement{
			Statement: s, index: i, place: place{s.Position, path},
			allow: s.Effect.Value == "Allow", deny: s.Effect.Value == "Deny",
		}
		for j := range s.Conditions {
			out[i].conditions = append(out[i].conditions, newCondition(&s.Conditions[j], path))
		}
	}
	return out
}

func newCondition(from *iam.Condition, path string) condition {
	c := condition{Condition: from}
	c.place = place{from.Key.Position, path + ".Condition." + shorten(from.Operator.Value) + "." + shorten(from.Key.Value)}
	c.operator, c.valid = parseOperator(from.Operator.Value)
	c.key, c.known = reference.FindKey(from.Key.Value)
	return c
}

// entries gives the values of an element with their places.
func (s *statement) entries(list *iam.List, name string) []entry {
	if list == nil {
		return nil
	}
	return entries(*list, s.place.path+"."+name)
}

func entries(list iam.List, path string) []entry {
	out := make([]entry, len(list.Values))
	for i, value := range list.Values {
		at := place{value.Position, path}
		if value.Position != list.Position { // else the element is a string, not an array
			at.path = fmt.Sprintf("%s[%d]", path, i)
		}
		out[i] = entry{value, at}
	}
	return out
}

func (s *statement) actions() []entry { return s.entries(s.Action, "Action") }

// actionElements are the values of Action or NotAction.
func (s *statement) actionElements() []entry {
	return append(s.actions(), s.entries(s.NotAction, "NotAction")...)
}

func (s *statement) resources() []entry { return s.entries(s.Resource, "Resource") }

// resourceElements are the values of Resource or NotResource.
func (s *statement) resourceElements() []entry {
	return append(s.resources(), s.entries(s.NotResource, "NotResource")...)
}

func (c *condition) entries() []entry { return entries(c.Values, c.place.path) }

// named says whether the condition is on a key, given as AWS writes it; a
// name that ends with "/" stands for all keys that begin so.
func (c *condition) named(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		if strings.HasSuffix(name, "/") {
			return len(c.Key.Value) > len(name) && strings.EqualFold(c.Key.Value[:len(name)], name)
		}
		return strings.EqualFold(c.Key.Value, name)
	})
}

// binding says whether a request without the key fails the condition, and one
// with it must have one of the values.
func (c *condition) binding() bool {
	o := c.operator
	return c.valid && !o.negated && !o.ifExists && o.qualifier != forAllValues && o.family != nullFamily
}

// bound says whether a condition binds one of the keys to values that are
// not wholly wild.
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

// shorten bounds what a message or path quotes of a hostile document.
func shorten(text string) string {
	const most = 200
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
