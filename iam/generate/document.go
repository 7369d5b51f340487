package generate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf16"
)

// document is a policy as it is written. Members come out in this order.
type document struct {
	Version   string
	Statement []statement
}

type statement struct {
	Sid       string `json:",omitempty"`
	Effect    string
	Principal *principals `json:",omitempty"`
	Action    values
	Resource  values     `json:",omitempty"`
	Condition conditions `json:",omitempty"`
}

// principals names one principal by its type.
type principals struct {
	AWS       string `json:",omitempty"`
	Federated string `json:",omitempty"`
}

// conditions is operator → key → values. Both are written in sorted order.
type conditions map[string]map[string]values

// values is written as a string when it is one.
type values []string

// MarshalJSON writes one value as a string and several as an array.
func (v values) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return encode(v[0])
	}
	return encode([]string(v))
}

func newDocument(statements ...statement) document {
	return document{Version: "2012-10-17", Statement: statements}
}

// pretty writes the document over lines, two spaces an indent, with a line
// end behind the last.
func (d document) pretty() ([]byte, error) {
	text, err := encode(d)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return nil, fmt.Errorf("indenting a policy: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// encode writes JSON without the escapes that HTML needs: <, > and & stand for
// themselves in a key. IAM takes documents of characters up to U+00FF alone
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html),
// so what lies beyond is escaped.
func encode(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("writing a policy: %w", err)
	}
	return latin(bytes.TrimSuffix(out.Bytes(), []byte("\n"))), nil
}

func latin(text []byte) []byte {
	if !bytes.ContainsFunc(text, func(r rune) bool { return r > 0xff }) {
		return text
	}
	var out bytes.Buffer
	for _, r := range string(text) {
		if r <= 0xff {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.Bytes()
}
