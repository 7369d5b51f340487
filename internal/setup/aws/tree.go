package aws

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxTreeDepth is far more than any policy needs.
const maxTreeDepth = 32

// tree is a JSON value that keeps the order of its members.
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
