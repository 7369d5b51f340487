package policyfile

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/windlass-io/windlass/iam"
)

// maxYAMLNodes bounds what aliases of a small file can expand to.
const maxYAMLNodes = 1_000_000

// readYAML reads the documents of a YAML file.
func readYAML(content []byte) ([]*node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	r := yamlReader{lines: strings.Split(string(content), "\n"), left: maxYAMLNodes}
	var roots []*node
	for {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return roots, nil
		}
		if err != nil {
			return nil, err
		}
		for _, root := range document.Content {
			n, err := r.node(root, 0)
			if err != nil {
				return nil, err
			}
			roots = append(roots, n)
		}
	}
}

type yamlReader struct {
	lines []string
	left  int
}

func (r *yamlReader) node(y *yaml.Node, depth int) (*node, error) {
	const maxDepth = 200
	if r.left--; r.left < 0 || depth > maxDepth {
		return nil, errors.New("the document is too large")
	}
	n := &node{at: iam.Position{Line: y.Line, Column: y.Column}}
	if strings.HasPrefix(y.Tag, "!") && !strings.HasPrefix(y.Tag, "!!") {
		n.tag = y.Tag
	}
	switch y.Kind {
	case yaml.AliasNode:
		return r.node(y.Alias, depth+1)
	case yaml.MappingNode:
		n.kind = iam.ObjectNode
		for i := 0; i+1 < len(y.Content); i += 2 {
			name := y.Content[i]
			value, err := r.node(y.Content[i+1], depth+1)
			if err != nil {
				return nil, err
			}
			n.members = append(n.members,
				member{name.Value, iam.Position{Line: name.Line, Column: name.Column}, value})
		}
	case yaml.SequenceNode:
		n.kind = iam.ArrayNode
		for _, element := range y.Content {
			value, err := r.node(element, depth+1)
			if err != nil {
				return nil, err
			}
			n.elements = append(n.elements, value)
		}
	case yaml.ScalarNode, yaml.DocumentNode:
		n.kind, n.text = scalarKind(y), y.Value
		n.inside = r.inside(y)
	}
	return n, nil
}

// scalarKind returns the JSON type of a scalar. A date such as 2012-10-17 is a
// string, as CloudFormation reads it.
func scalarKind(y *yaml.Node) iam.NodeKind {
	if y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return iam.StringNode
	}
	switch y.Tag {
	case "!!null":
		return iam.NullNode
	case "!!bool":
		return iam.BoolNode
	case "!!int", "!!float":
		return iam.NumberNode
	}
	return iam.StringNode
}

// inside returns the position of a byte of a literal block. In other styles
// every byte is at the scalar.
func (r *yamlReader) inside(y *yaml.Node) func(int) iam.Position {
	at := iam.Position{Line: y.Line, Column: y.Column}
	if y.Style&yaml.LiteralStyle == 0 {
		return func(int) iam.Position { return at }
	}
	return func(offset int) iam.Position {
		before := y.Value[:min(offset, len(y.Value))]
		line := y.Line + strings.Count(before, "\n") + 1
		if line > len(r.lines) {
			return at
		}
		indent := 0
		for _, text := range r.lines[min(y.Line, len(r.lines)-1):] {
			if strings.TrimSpace(text) != "" {
				indent = len(text) - len(strings.TrimLeft(text, " "))
				break
			}
		}
		return iam.Position{Line: line, Column: indent + len(before) - (strings.LastIndexByte(before, '\n') + 1) + 1}
	}
}
