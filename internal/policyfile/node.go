package policyfile

import (
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// unknownPart marks a part of a text that only a deployment knows. It is a
// private character of Unicode.
const unknownPart = "\uE000"

// node is a value of a file of any format.
type node struct {
	kind     iam.NodeKind
	at       iam.Position
	text     string // of a string; a number, true, false or null as written
	tag      string // of YAML, such as "!Sub"
	members  []member
	elements []*node
	// position of a byte of text in the file; nil if the text isn't at one place
	inside func(offset int) iam.Position
}

type member struct {
	name  string
	at    iam.Position
	value *node
}

// member returns the value of the first member with a name, or nil.
func (n *node) member(name string) *node {
	if n == nil {
		return nil
	}
	for i := range n.members {
		if n.members[i].name == name {
			return n.members[i].value
		}
	}
	return nil
}

// literal returns the text of a string without unknown parts.
func (n *node) literal() (string, bool) {
	if n == nil || n.kind != iam.StringNode || strings.Contains(n.text, unknownPart) {
		return "", false
	}
	return n.text, true
}

func unknown(at iam.Position) *node { return str(at, unknownPart) }

func str(at iam.Position, text string) *node {
	return &node{kind: iam.StringNode, at: at, text: text}
}

// isPolicy reports whether a value is a policy document: an object with
// statements.
func isPolicy(n *node) bool {
	if n == nil || n.kind != iam.ObjectNode {
		return false
	}
	statements := n.member("Statement")
	if statements == nil {
		return false
	}
	if statements.kind == iam.ObjectNode {
		return isStatement(statements)
	}
	for _, s := range statements.elements {
		if isStatement(s) {
			return true
		}
	}
	return statements.kind == iam.ArrayNode && n.member("Version") != nil
}

func isStatement(n *node) bool {
	return n.kind == iam.ObjectNode && (n.member("Effect") != nil || n.member("Action") != nil)
}

// inferKind returns the kind of a policy by its statements: those with
// principals are resource policies, or trust policies if they only create
// sessions.
func inferKind(policy *node) iam.Kind {
	kind := iam.Identity
	for _, s := range statementsOf(policy) {
		if s.member("Principal") == nil && s.member("NotPrincipal") == nil {
			continue
		}
		if !onlySessions(s.member("Action")) || s.member("Resource") != nil {
			return iam.Resource
		}
		kind = iam.Trust
	}
	return kind
}

func statementsOf(policy *node) []*node {
	statements := policy.member("Statement")
	if statements.kind == iam.ObjectNode {
		return []*node{statements}
	}
	return statements.elements
}

// onlySessions reports whether all actions create sessions.
func onlySessions(actions *node) bool {
	if actions == nil {
		return false
	}
	list := actions.elements
	if actions.kind == iam.StringNode {
		list = []*node{actions}
	}
	for _, action := range list {
		name := strings.ToLower(action.text)
		if !strings.HasPrefix(name, "sts:assumerole") && name != "sts:tagsession" && name != "sts:setsourceidentity" {
			return false
		}
	}
	return len(list) > 0
}
