package aws

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
)

// maxTreeDepth is far beyond any policy.
const maxTreeDepth = 32

// tree is a JSON value whose members keep their order, for writing it in
// another language.
type tree struct {
	members []member // an object's
	items   []tree   // an array's
	text    string   // a string's value, or a number, true, false or null as written
	kind    treeKind
}

type treeKind uint8

const (
	stringTree treeKind = iota
	literalTree
	arrayTree
	objectTree
)

type member struct {
	name  string
	value tree
}

func parseTree(text []byte) (tree, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	out, err := readTree(decoder, maxTreeDepth)
	if err != nil {
		return tree{}, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return tree{}, errors.New("text after the document's end")
	}
	if out.kind != objectTree {
		return tree{}, errors.New("the document is not an object")
	}
	return out, nil
}

func readTree(decoder *json.Decoder, depth int) (tree, error) {
	token, err := decoder.Token()
	if err != nil {
		return tree{}, fmt.Errorf("reading JSON: %w", err)
	}
	switch token := token.(type) {
	case string:
		return tree{kind: stringTree, text: token}, nil
	case json.Delim:
		if depth == 0 {
			return tree{}, errors.New("the document is nested too deep")
		}
		if token == '{' {
			return readObject(decoder, depth-1)
		}
		return readArray(decoder, depth-1)
	default:
		return tree{kind: literalTree, text: literalText(token)}, nil
	}
}

func literalText(token json.Token) string {
	if token == nil {
		return "null"
	}
	return fmt.Sprint(token)
}

func readObject(decoder *json.Decoder, depth int) (tree, error) {
	out := tree{kind: objectTree}
	for decoder.More() {
		name, err := readTree(decoder, depth)
		if err != nil {
			return tree{}, err
		}
		value, err := readTree(decoder, depth)
		if err != nil {
			return tree{}, err
		}
		out.members = append(out.members, member{name.text, value})
	}
	_, err := decoder.Token()
	return out, err
}

func readArray(decoder *json.Decoder, depth int) (tree, error) {
	out := tree{kind: arrayTree}
	for decoder.More() {
		item, err := readTree(decoder, depth)
		if err != nil {
			return tree{}, err
		}
		out.items = append(out.items, item)
	}
	_, err := decoder.Token()
	return out, err
}

// scalar writes a string or literal as JSON.
func (t tree) scalar() string {
	if t.kind == literalTree {
		return t.text
	}
	return quote(t.text)
}

// quote returns text as a JSON string, which is also a YAML one. Characters
// beyond U+00FF, which IAM does not take in a document, are escaped:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
func quote(text string) string {
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return `""` // a string always encodes
	}
	var out strings.Builder
	for _, r := range strings.TrimSuffix(encoded.String(), "\n") {
		if r <= 0xff {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.String()
}

// json writes the tree over lines, one value a line, at an indent whose first
// line is already begun.
func (t tree) json(indent string) string {
	inner := indent + "  "
	switch {
	case t.kind == objectTree && len(t.members) > 0:
		out := "{\n"
		for i, m := range t.members {
			out += inner + quote(m.name) + ": " + m.value.json(inner) + comma(i, len(t.members)) + "\n"
		}
		return out + indent + "}"
	case t.kind == objectTree:
		return "{}"
	case t.kind == arrayTree && len(t.items) > 0:
		out := "[\n"
		for i, item := range t.items {
			out += inner + item.json(inner) + comma(i, len(t.items)) + "\n"
		}
		return out + indent + "]"
	case t.kind == arrayTree:
		return "[]"
	}
	return t.scalar()
}

func comma(i, n int) string {
	if i < n-1 {
		return ","
	}
	return ""
}
