package policyfile

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// walker collects the policies of a file.
type walker struct {
	file      string
	resources map[string]string // of a CloudFormation template: the type of each resource, by its logical ID
	documents []Document
}

// place is where in the file a value is.
type place struct {
	path      string
	name      string   // of the member that has the value
	principal string   // "role" or "user", if it is in a resource of that type
	limit     iam.Kind // of a resource whose policies only limit; else [iam.Identity]
}

func (p place) member(name string) place {
	if p.path != "" {
		p.path += "."
	}
	p.path += name
	p.name = name
	return p
}

func (p place) element(i int) place {
	p.path = fmt.Sprintf("%s[%d]", p.path, i)
	return p
}

// walk collects the policies in a value.
func (w *walker) walk(n *node, at place) {
	switch n.kind {
	case iam.ObjectNode:
		if isPolicy(n) {
			w.add(n, at)
			return
		}
		w.object(n, at)
	case iam.ArrayNode:
		for i, element := range n.elements {
			w.walk(element, at.element(i))
		}
	case iam.StringNode:
		w.embedded(n, at)
	default:
	}
}

func (w *walker) object(n *node, at place) {
	if resources := n.member("Resources"); w.resources == nil && resources != nil {
		w.resources = make(map[string]string)
		for _, m := range resources.members {
			w.resources[m.name], _ = m.value.member("Type").literal()
		}
	}
	if kind := principalOf(n); kind != "" {
		at.principal = kind
	}
	if kind := limitOf(n); kind != iam.Identity {
		at.limit = kind
	}
	if address, ok := n.member("address").literal(); ok && n.member("values") != nil { // a plan's resource
		at.path = address
		for _, m := range n.member("values").members {
			w.walk(m.value, at.member(m.name))
		}
		return
	}
	for _, m := range n.members {
		w.walk(m.value, at.member(m.name))
	}
}

// principalOf returns the kind of principal that a resource of a template, a
// plan or a state is.
func principalOf(n *node) string {
	kind, ok := n.member("Type").literal()
	if !ok {
		kind, _ = n.member("type").literal()
	}
	return principalOfType(kind)
}

func principalOfType(kind string) string {
	switch kind {
	case "AWS::IAM::Role", "AWS::IAM::RolePolicy", "aws_iam_role", "aws_iam_role_policy":
		return "role"
	case "AWS::IAM::User", "AWS::IAM::UserPolicy", "aws_iam_user", "aws_iam_user_policy":
		return "user"
	}
	return ""
}

// limitOf returns the kind of the policies of a resource whose policies only
// limit, in a template, a plan or a state. It is [iam.Identity] for others.
func limitOf(n *node) iam.Kind {
	if kind, ok := n.member("Type").literal(); ok {
		content, _ := n.member("Properties").member("Type").literal()
		return limitOfType(kind, content)
	}
	kind, _ := n.member("type").literal()
	content, _ := n.member("values").member("type").literal()
	return limitOfType(kind, content)
}

// limitOfType returns the kind by the types of a resource and of its content.
func limitOfType(kind, content string) iam.Kind {
	switch kind {
	case "AWS::EC2::VPCEndpoint", "aws_vpc_endpoint", "aws_vpc_endpoint_policy":
		return iam.Endpoint
	case "AWS::Organizations::Policy", "aws_organizations_policy":
		if content == "RESOURCE_CONTROL_POLICY" {
			return iam.ResourceControl
		}
		return iam.ServiceControl
	}
	return iam.Identity
}

// embedded adds the policy that is the text of a string.
func (w *walker) embedded(n *node, at place) {
	text := strings.TrimSpace(n.text)
	if len(text) > iam.MaxDocumentBytes || !strings.HasPrefix(text, "{") || !strings.Contains(text, `"Statement"`) {
		return
	}
	root, err := readJSON([]byte(n.text))
	if err != nil || !isPolicy(root) {
		return
	}
	w.add(moved(root, n), at)
}

// moved replaces the positions in an embedded text by those in the file.
func moved(n, in *node) *node {
	position := func(at iam.Position) iam.Position {
		if in.inside == nil {
			return in.at
		}
		return in.inside(at.Offset)
	}
	n.at = position(n.at)
	n.inside = nil
	for i := range n.members {
		n.members[i].at = position(n.members[i].at)
		moved(n.members[i].value, in)
	}
	for _, element := range n.elements {
		moved(element, in)
	}
	return n
}

// add renders a policy as a document.
func (w *walker) add(policy *node, at place) {
	resolved := w.resolve(policy)
	if !isPolicy(resolved) {
		return
	}
	for _, statement := range statementsOf(resolved) {
		inferProvider(statement)
	}
	r := renderer{}
	r.value(resolved, "")
	w.documents = append(w.documents, Document{
		File: w.file, Name: at.path, Kind: kindAt(at, resolved), Principal: at.principal,
		Text: r.text, marks: r.marks, gaps: r.gaps,
	})
}

// kindAt returns the kind of a policy by the resource or the member that has it,
// or else by its statements.
func kindAt(at place, policy *node) iam.Kind {
	if at.limit != iam.Identity {
		return at.limit
	}
	switch strings.ToLower(strings.ReplaceAll(at.name, "_", "")) {
	case "assumerolepolicydocument", "assumerolepolicy":
		return iam.Trust
	case "keypolicy", "bucketpolicy", "resourcepolicy":
		return iam.Resource
	}
	return inferKind(policy)
}

// inferProvider replaces the unknown ARN of an identity provider by one with the
// issuer that the statement's condition keys name, as in
// "token.actions.githubusercontent.com:sub".
func inferProvider(statement *node) {
	federated := statement.member("Principal").member("Federated")
	if federated == nil {
		return
	}
	unknowns := federated.elements
	if federated.kind == iam.StringNode {
		unknowns = []*node{federated}
	}
	if len(unknowns) != 1 || !strings.HasPrefix(unknowns[0].text, unknownPart) {
		return
	}
	conditions := statement.member("Condition")
	if conditions == nil {
		return
	}
	for _, operator := range conditions.members {
		for _, key := range operator.value.members {
			for _, claim := range []string{":sub", ":aud"} {
				if issuer, ok := strings.CutSuffix(key.name, claim); ok && strings.Contains(issuer, ".") {
					unknowns[0].text = "arn:aws:iam::111122223333:oidc-provider/" + issuer
					return
				}
			}
		}
	}
}
