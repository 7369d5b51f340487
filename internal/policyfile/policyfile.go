// Package policyfile finds IAM policies in the files that people keep them in:
// JSON and YAML documents, CloudFormation and CDK templates, Terraform
// configurations and plans, and output of the AWS CLI. It keeps the position of
// each element, so that findings point into the file.
//
// Values that only a deployment knows, such as var.bucket or !Ref Bucket, are
// unknown: findings that depend on them aren't reported.
package policyfile

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// Document is one policy of a file.
type Document struct {
	File      string   // as given to [Read]
	Name      string   // its place, such as "aws_iam_role.ci.assume_role_policy"; empty if the file is the policy
	Kind      iam.Kind // by its place in the file or its statements
	Principal string   // "role" or "user" if an identity policy is attached to one; else empty
	Text      []byte   // the policy as JSON

	marks []mark // positions in the file of the parts of Text; nil if Text is the file
	gaps  []gap  // parts of Text with unknown values
}

// mark is the position in the file of a part of the document's text.
type mark struct {
	offset int // in the text
	at     iam.Position
}

// Whole reports whether the file is the policy, so that its text can be
// replaced.
func (d *Document) Whole() bool { return d.marks == nil }

// Extensions returns the extensions of the files that [Read] understands.
func Extensions() []string { return []string{".json", ".yaml", ".yml", ".template", ".tf"} }

// Read returns the policies of a file, in their order.
func Read(file string, content []byte) ([]Document, error) {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	w := walker{file: file}
	switch extension := strings.ToLower(filepath.Ext(file)); {
	case extension == ".tf":
		return w.documents, w.terraform(content)
	case looksLikeJSON(content):
		root, err := readJSON(content)
		if err != nil {
			return nil, fmt.Errorf("reading JSON: %w", err)
		}
		if isPolicy(root) {
			return []Document{{File: file, Kind: inferKind(root), Text: content}}, nil
		}
		w.walk(planned(root), place{})
		return w.documents, nil
	default:
		roots, err := readYAML(content)
		if err != nil {
			return nil, fmt.Errorf("reading YAML: %w", err)
		}
		for _, root := range roots {
			w.walk(root, place{})
		}
		return w.documents, nil
	}
}

// MentionsPolicy reports whether a file that can't be read looks as if it were
// meant to be a policy.
func MentionsPolicy(content []byte) bool {
	return bytes.Contains(content, []byte("aws_iam_policy_document")) ||
		bytes.Contains(content, []byte("Statement")) && bytes.Contains(content, []byte("Effect"))
}

func looksLikeJSON(content []byte) bool {
	trimmed := bytes.TrimLeft(content, " \t\r\n")
	return len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[')
}

// planned returns the part of a Terraform plan that has the planned values, and
// other documents as they are. The rest of a plan repeats its policies.
func planned(root *node) *node {
	if root.member("format_version") == nil {
		return root
	}
	if values := root.member("planned_values"); values != nil {
		return values
	}
	return root
}
