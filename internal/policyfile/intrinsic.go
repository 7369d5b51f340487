package policyfile

import (
	"regexp"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// resolve replaces the functions of CloudFormation by their texts, with unknown
// parts for what only a deployment knows.
func (w *walker) resolve(n *node) *node {
	if name, argument, ok := intrinsic(n); ok {
		return w.call(n.at, name, argument)
	}
	switch n.kind {
	case iam.ObjectNode:
		out := *n
		out.members = make([]member, 0, len(n.members))
		for _, m := range n.members {
			m.value = w.resolve(m.value)
			out.members = append(out.members, m)
		}
		return &out
	case iam.ArrayNode:
		out := *n
		out.elements = make([]*node, 0, len(n.elements))
		for _, element := range n.elements {
			resolved := w.resolve(element)
			if ref, _ := intrinsicName(element); ref == "Ref" && resolved.text == "" {
				continue // AWS::NoValue
			}
			out.elements = append(out.elements, resolved)
		}
		return &out
	default:
		return n
	}
}

// intrinsic returns the name and the argument of a function call.
func intrinsic(n *node) (name string, argument *node, ok bool) {
	name, inTag := intrinsicName(n)
	switch {
	case name == "":
		return "", nil, false
	case inTag:
		untagged := *n
		untagged.tag = ""
		return name, &untagged, true
	default:
		return name, n.members[0].value, true
	}
}

func intrinsicName(n *node) (name string, inTag bool) {
	if n.tag != "" {
		return strings.TrimPrefix(n.tag, "!"), true
	}
	if n.kind == iam.ObjectNode && len(n.members) == 1 {
		only := n.members[0].name
		if only == "Ref" {
			return only, false
		}
		if short, ok := strings.CutPrefix(only, "Fn::"); ok {
			return short, false
		}
	}
	return "", false
}

// call returns the result of a function.
func (w *walker) call(at iam.Position, name string, argument *node) *node {
	switch name {
	case "Ref":
		return str(at, w.reference(argument.text))
	case "GetAtt":
		return str(at, w.attribute(argument))
	case "Sub":
		return str(at, w.substitute(argument))
	case "Join":
		return str(at, w.join(argument))
	}
	return unknown(at)
}

func (w *walker) reference(name string) string {
	switch name {
	case "AWS::Partition":
		return "aws"
	case "AWS::URLSuffix":
		return "amazonaws.com"
	case "AWS::NoValue":
		return ""
	}
	return unknownPart
}

func (w *walker) attribute(argument *node) string {
	id, attribute, _ := strings.Cut(argument.text, ".")
	if len(argument.elements) == 2 {
		id, attribute = argument.elements[0].text, argument.elements[1].text
	}
	if attribute != "Arn" {
		return unknownPart
	}
	return arnOf(w.resources[id])
}

// arnOf returns the ARN of a resource of a type, with unknown parts.
func arnOf(kind string) string {
	const u = unknownPart
	switch kind {
	case "AWS::S3::Bucket", "aws_s3_bucket":
		return "arn:aws:s3:::" + u
	case "AWS::IAM::Role", "aws_iam_role":
		return "arn:aws:iam::" + u + ":role/" + u
	case "AWS::IAM::User", "aws_iam_user":
		return "arn:aws:iam::" + u + ":user/" + u
	case "AWS::KMS::Key", "aws_kms_key":
		return "arn:aws:kms:" + u + ":" + u + ":key/" + u
	case "AWS::SQS::Queue", "aws_sqs_queue":
		return "arn:aws:sqs:" + u + ":" + u + ":" + u
	}
	return unknownPart
}

var substitution = regexp.MustCompile(`\$\{[^}]*\}`)

// substitute returns the text of Fn::Sub. "${!x}" is "${x}", a policy variable.
func (w *walker) substitute(argument *node) string {
	text := argument.text
	var names *node
	if len(argument.elements) == 2 {
		text, names = argument.elements[0].text, argument.elements[1]
	}
	return substitution.ReplaceAllStringFunc(text, func(found string) string {
		name := strings.TrimSpace(found[2 : len(found)-1])
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			return "${" + literal + "}"
		}
		if value := names.member(name); value != nil {
			return w.resolve(value).text
		}
		if id, attribute, ok := strings.Cut(name, "."); ok && attribute == "Arn" {
			return arnOf(w.resources[id])
		}
		return w.reference(name)
	})
}

func (w *walker) join(argument *node) string {
	if len(argument.elements) != 2 || argument.elements[1].kind != iam.ArrayNode {
		return unknownPart
	}
	var parts []string
	for _, part := range argument.elements[1].elements {
		resolved := w.resolve(part)
		if resolved.kind != iam.StringNode {
			return unknownPart
		}
		parts = append(parts, resolved.text)
	}
	return strings.Join(parts, argument.elements[0].text)
}
