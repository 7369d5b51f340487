package policyfile

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// gap is a part of a document whose value is unknown.
type gap struct {
	path  string // of the element, as in findings
	whole bool   // nothing of the value is known
}

// renderer writes a policy as JSON in one line.
type renderer struct {
	text  []byte
	marks []mark
	gaps  []gap
}

// stand is written for unknown parts.
const stand = "unknown"

func (r *renderer) mark(at iam.Position) { r.marks = append(r.marks, mark{len(r.text), at}) }

func (r *renderer) value(n *node, path string) {
	r.mark(n.at)
	switch n.kind {
	case iam.ObjectNode:
		r.text = append(r.text, '{')
		for i, m := range n.members {
			r.comma(i)
			r.mark(m.at)
			r.string(m.name)
			r.text = append(r.text, ':')
			r.value(m.value, join(path, m.name))
		}
		r.text = append(r.text, '}')
	case iam.ArrayNode:
		r.text = append(r.text, '[')
		for i, element := range n.elements {
			r.comma(i)
			r.value(element, fmt.Sprintf("%s[%d]", path, i))
		}
		r.text = append(r.text, ']')
	case iam.StringNode:
		if strings.Contains(n.text, unknownPart) {
			r.gaps = append(r.gaps, gap{path, n.text == unknownPart})
		}
		r.string(n.text)
	default:
		r.text = append(r.text, n.text...)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (r *renderer) comma(i int) {
	if i > 0 {
		r.text = append(r.text, ',')
	}
}

func (r *renderer) string(text string) {
	encoded, err := json.Marshal(strings.ReplaceAll(text, unknownPart, stand))
	if err != nil {
		encoded = []byte(`""`) // a string always encodes
	}
	r.text = append(r.text, encoded...)
}
