package policyfile

import (
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/windlass-io/windlass/iam"
)

// policyDocument returns the policy of a data source aws_iam_policy_document, or
// nil if it has no statement of its own.
func (t *terraformFile) policyDocument(block *hclsyntax.Block) *node {
	at := start(block.DefRange())
	version := str(at, iam.Version2012)
	if attribute := block.Body.Attributes["version"]; attribute != nil {
		version = t.expression(attribute.Expr)
	}
	statements := &node{kind: iam.ArrayNode, at: at}
	for _, inner := range block.Body.Blocks {
		if inner.Type == "statement" {
			statements.elements = append(statements.elements, t.documentStatement(inner))
		}
	}
	if len(statements.elements) == 0 {
		return nil
	}
	return &node{kind: iam.ObjectNode, at: at, members: []member{
		{"Version", version.at, version}, {"Statement", at, statements},
	}}
}

// statementAttributes are the elements of a statement, by their attribute.
var statementAttributes = map[string]string{
	"sid": "Sid", "effect": "Effect", "actions": "Action", "not_actions": "NotAction", "resources": "Resource",
	"not_resources": "NotResource",
}

func (t *terraformFile) documentStatement(block *hclsyntax.Block) *node {
	at := start(block.DefRange())
	n := &node{kind: iam.ObjectNode, at: at}
	if block.Body.Attributes["effect"] == nil {
		n.members = append(n.members, member{"Effect", at, str(at, "Allow")})
	}
	for _, attribute := range attributes(block.Body) {
		if name := statementAttributes[attribute.Name]; name != "" {
			value := variables(t.expression(attribute.Expr))
			n.members = append(n.members, member{name, start(attribute.NameRange), value})
		}
	}
	for _, inner := range block.Body.Blocks {
		switch inner.Type {
		case "principals":
			t.addPrincipal(n, "Principal", inner)
		case "not_principals":
			t.addPrincipal(n, "NotPrincipal", inner)
		case "condition":
			t.addCondition(n, inner)
		case "dynamic":
			// What it makes is unknown, so the whole element is.
			if len(inner.Labels) == 1 {
				name := map[string]string{
					"principals": "Principal", "not_principals": "NotPrincipal", "condition": "Condition",
				}[inner.Labels[0]]
				at := start(inner.DefRange())
				if name != "" && n.member(name) == nil {
					n.members = append(n.members, member{name, at, unknown(at)})
				}
			}
		}
	}
	return n
}

// variables replaces the &{…} of a data source by ${…}.
func variables(n *node) *node {
	n.text = strings.ReplaceAll(n.text, "&{", "${")
	for _, element := range n.elements {
		variables(element)
	}
	return n
}

func (t *terraformFile) addPrincipal(statement *node, name string, block *hclsyntax.Block) {
	at := start(block.DefRange())
	kind, identifiers := t.argument(block, "type"), t.argument(block, "identifiers")
	existing := statement.member(name)
	if existing == nil {
		if kind.text == "*" {
			statement.members = append(statement.members, member{name, at, str(at, "*")})
			return
		}
		existing = &node{kind: iam.ObjectNode, at: at}
		statement.members = append(statement.members, member{name, at, existing})
	}
	if existing.kind != iam.ObjectNode {
		return
	}
	if same := existing.member(kind.text); same != nil && same.kind == iam.ArrayNode {
		same.elements = append(same.elements, identifiers.elements...)
		return
	}
	existing.members = append(existing.members, member{kind.text, kind.at, identifiers})
}

func (t *terraformFile) addCondition(statement *node, block *hclsyntax.Block) {
	at := start(block.DefRange())
	conditions := statement.member("Condition")
	if conditions == nil {
		conditions = &node{kind: iam.ObjectNode, at: at}
		statement.members = append(statement.members, member{"Condition", at, conditions})
	}
	if conditions.kind != iam.ObjectNode {
		return
	}
	test, key := t.argument(block, "test"), t.argument(block, "variable")
	values := variables(t.argument(block, "values"))
	operator := conditions.member(test.text)
	if operator == nil {
		operator = &node{kind: iam.ObjectNode, at: test.at}
		conditions.members = append(conditions.members, member{test.text, test.at, operator})
	}
	if same := operator.member(key.text); same != nil && same.kind == iam.ArrayNode {
		same.elements = append(same.elements, values.elements...)
		return
	}
	operator.members = append(operator.members, member{key.text, key.at, values})
}

func (t *terraformFile) argument(block *hclsyntax.Block, name string) *node {
	if attribute := block.Body.Attributes[name]; attribute != nil {
		return t.expression(attribute.Expr)
	}
	return unknown(start(block.DefRange()))
}
