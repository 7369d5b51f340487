package policyfile

import (
	"bytes"
	"errors"
	"io"
	"sort"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/windlass-io/windlass/iam"
)

// readJSON reads one JSON value.
func readJSON(content []byte) (*node, error) {
	r := jsonReader{content: content, lines: linesOf(content)}
	r.json = jsontext.NewDecoder(bytes.NewReader(content), jsontext.AllowDuplicateNames(true),
		jsontext.AllowInvalidUTF8(true))
	root, err := r.value()
	if err != nil {
		return nil, err
	}
	if _, err := r.json.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("unexpected text after the value")
	}
	return root, nil
}

// lines are the offsets at which lines begin.
type lines []int

func linesOf(content []byte) lines {
	starts := lines{0}
	for i, c := range content {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

func (l lines) position(offset int) iam.Position {
	line := sort.SearchInts(l, offset+1)
	return iam.Position{Offset: offset, Line: line, Column: offset - l[line-1] + 1}
}

type jsonReader struct {
	content []byte
	lines   lines
	json    *jsontext.Decoder
}

// next returns the offset of the next token.
func (r *jsonReader) next() int {
	offset := int(r.json.InputOffset())
	for offset < len(r.content) && bytes.IndexByte([]byte(" \t\r\n,:"), r.content[offset]) >= 0 {
		offset++
	}
	return offset
}

func (r *jsonReader) value() (*node, error) {
	offset := r.next()
	token, err := r.json.ReadToken()
	if err != nil {
		return nil, err
	}
	n := &node{at: r.lines.position(offset)}
	switch token.Kind() {
	case '{':
		n.kind = iam.ObjectNode
		return n, r.object(n)
	case '[':
		n.kind = iam.ArrayNode
		return n, r.array(n)
	case '"':
		n.kind, n.text = iam.StringNode, token.String()
		n.inside = func(at int) iam.Position {
			return r.lines.position(offset + 1 + encodedLength(r.content[offset+1:], at))
		}
	case '0':
		n.kind, n.text = iam.NumberNode, token.String()
	case 't', 'f':
		n.kind, n.text = iam.BoolNode, token.String()
	default:
		n.kind, n.text = iam.NullNode, "null"
	}
	return n, nil
}

func (r *jsonReader) object(n *node) error {
	for r.json.PeekKind() != '}' {
		at := r.lines.position(r.next())
		name, err := r.json.ReadToken()
		if err != nil {
			return err
		}
		m := member{name: name.String(), at: at}
		if m.value, err = r.value(); err != nil {
			return err
		}
		n.members = append(n.members, m)
	}
	_, err := r.json.ReadToken()
	return err
}

func (r *jsonReader) array(n *node) error {
	for r.json.PeekKind() != ']' {
		element, err := r.value()
		if err != nil {
			return err
		}
		n.elements = append(n.elements, element)
	}
	_, err := r.json.ReadToken()
	return err
}

// encodedLength returns how many bytes of a JSON string are read until it has
// decoded to a number of bytes.
func encodedLength(encoded []byte, decoded int) int {
	i := 0
	for decoded > 0 && i < len(encoded) {
		size := 1
		switch {
		case encoded[i] != '\\':
			i++
		case i+6 <= len(encoded) && encoded[i+1] == 'u':
			code, _ := strconv.ParseInt(string(encoded[i+2:i+6]), 16, 32)
			size = max(utf8.RuneLen(rune(code)), 2) // a surrogate is half of four bytes
			i += 6
		default:
			i += 2
		}
		decoded -= size
	}
	return min(i, len(encoded))
}
