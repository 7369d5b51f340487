package policyfile

import (
	"errors"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/windlass-io/windlass/iam"
)

// terraform collects the policies of a Terraform file: data sources
// aws_iam_policy_document, calls of jsonencode, and texts with JSON.
func (w *walker) terraform(content []byte) error {
	file, diagnostics := hclsyntax.ParseConfig(content, w.file, hcl.InitialPos)
	if diagnostics.HasErrors() {
		return errors.New(diagnostics[0].Summary + ", on line " + lineOf(diagnostics[0]))
	}
	t := terraformFile{walker: w, lines: strings.Split(string(content), "\n")}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return errors.New("the file has no blocks")
	}
	for _, block := range body.Blocks {
		at := place{path: block.Type}
		if block.Type == "resource" || block.Type == "data" {
			at = place{}
			if block.Type == "data" {
				at.path = "data"
			}
			if len(block.Labels) > 0 {
				at.principal = principalOfType(block.Labels[0])
				content, _ := t.argument(block, "type").literal()
				at.limit = limitOfType(block.Labels[0], content)
			}
		}
		for _, label := range block.Labels {
			at = at.member(label)
		}
		if block.Type == "data" && len(block.Labels) > 0 && block.Labels[0] == "aws_iam_policy_document" {
			if policy := t.policyDocument(block); policy != nil {
				w.add(policy, at)
			}
			continue
		}
		t.body(block.Body, at)
	}
	return nil
}

// terraformFile is a file that is being read.
type terraformFile struct {
	*walker
	lines []string
}

// lineOf returns the line of a diagnostic.
func lineOf(d *hcl.Diagnostic) string {
	if d.Subject == nil {
		return "1"
	}
	before, _, _ := strings.Cut(strings.TrimPrefix(d.Subject.String(), d.Subject.Filename+":"), ",")
	return before
}

func (t *terraformFile) body(body *hclsyntax.Body, at place) {
	for _, attribute := range attributes(body) {
		t.walk(t.expression(attribute.Expr), at.member(attribute.Name))
	}
	for _, block := range body.Blocks {
		t.body(block.Body, at.member(block.Type))
	}
}

// attributes returns the attributes of a body in their order.
func attributes(body *hclsyntax.Body) []*hclsyntax.Attribute {
	list := make([]*hclsyntax.Attribute, 0, len(body.Attributes))
	for _, attribute := range body.Attributes {
		list = append(list, attribute)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].SrcRange.Start.Byte < list[j].SrcRange.Start.Byte })
	return list
}

func start(r hcl.Range) iam.Position {
	return iam.Position{Offset: r.Start.Byte, Line: r.Start.Line, Column: r.Start.Column}
}

// expression returns the value of an expression, as far as it is known without
// Terraform.
func (t *terraformFile) expression(e hclsyntax.Expression) *node {
	at := start(e.Range())
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		return literal(at, e.Val)
	case *hclsyntax.TemplateExpr:
		return t.template(at, e)
	case *hclsyntax.TemplateWrapExpr:
		return t.expression(e.Wrapped)
	case *hclsyntax.ParenthesesExpr:
		return t.expression(e.Expression)
	case *hclsyntax.ObjectConsExpr:
		n := &node{kind: iam.ObjectNode, at: at}
		for _, item := range e.Items {
			key := t.expression(item.KeyExpr)
			if name := hcl.ExprAsKeyword(item.KeyExpr); name != "" {
				key = str(start(item.KeyExpr.Range()), name)
			}
			n.members = append(n.members, member{key.text, key.at, t.expression(item.ValueExpr)})
		}
		return n
	case *hclsyntax.TupleConsExpr:
		n := &node{kind: iam.ArrayNode, at: at}
		for _, element := range e.Exprs {
			n.elements = append(n.elements, t.expression(element))
		}
		return n
	case *hclsyntax.ObjectConsKeyExpr:
		return t.expression(e.Wrapped)
	case *hclsyntax.FunctionCallExpr:
		if e.Name == "jsonencode" && len(e.Args) == 1 {
			return t.expression(e.Args[0])
		}
	case *hclsyntax.ScopeTraversalExpr:
		return str(at, traversal(e.Traversal))
	}
	return unknown(at)
}

func literal(at iam.Position, value cty.Value) *node {
	switch {
	case value.IsNull():
		return &node{kind: iam.NullNode, at: at, text: "null"}
	case value.Type() == cty.String:
		return str(at, value.AsString())
	case value.Type() == cty.Bool && value.True():
		return &node{kind: iam.BoolNode, at: at, text: "true"}
	case value.Type() == cty.Bool:
		return &node{kind: iam.BoolNode, at: at, text: "false"}
	case value.Type() == cty.Number:
		return &node{kind: iam.NumberNode, at: at, text: value.AsBigFloat().Text('f', -1)}
	}
	return unknown(at)
}

// piece is a part of a template.
type piece struct {
	offset int // in the text
	at     iam.Position
}

// template returns the text of a quoted string or a heredoc. Each part keeps
// its position.
func (t *terraformFile) template(at iam.Position, e *hclsyntax.TemplateExpr) *node {
	var pieces []piece
	var text strings.Builder
	for _, part := range e.Parts {
		value := t.expression(part)
		pieces = append(pieces, piece{text.Len(), value.at})
		if value.kind != iam.StringNode {
			text.WriteString(unknownPart)
			continue
		}
		text.WriteString(value.text)
	}
	n := str(at, text.String())
	if len(pieces) > 0 {
		n.inside = func(offset int) iam.Position { return t.inside(n.text, pieces, offset) }
	}
	return n
}

// inside returns the position of a byte of a template's text.
func (t *terraformFile) inside(text string, pieces []piece, offset int) iam.Position {
	i := max(sort.Search(len(pieces), func(i int) bool { return pieces[i].offset > offset })-1, 0)
	last := pieces[i]
	newlines := strings.Count(text[last.offset:offset], "\n")
	if newlines == 0 && last.at.Column > 1 {
		last.at.Column += offset - last.offset
		return last.at
	}
	// A heredoc with <<- has the text's lines with more indentation.
	line := last.at.Line + newlines
	start := strings.LastIndexByte(text[:offset], '\n') + 1
	column := offset - start + 1
	if line <= len(t.lines) {
		column += indentation(t.lines[line-1]) - indentation(text[start:])
	}
	return iam.Position{Line: line, Column: column}
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// traversal returns the text of a reference such as aws_s3_bucket.data.arn.
func traversal(t hcl.Traversal) string {
	var names []string
	for _, step := range t {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			names = append(names, step.Name)
		case hcl.TraverseAttr:
			names = append(names, step.Name)
		}
	}
	switch {
	case len(names) == 4 && names[0] == "data" && names[1] == "aws_partition" && names[3] == "partition":
		return "aws"
	case len(names) == 3 && names[2] == "arn":
		return arnOf(names[0])
	case len(names) == 4 && names[0] == "data" && names[3] == "arn":
		return arnOf(names[1])
	}
	return unknownPart
}
