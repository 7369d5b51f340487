package generate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf16"
)

// document is a policy. Its members are encoded in this order.
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

// principals is one principal, by its type.
type principals struct {
	AWS       string `json:",omitempty"`
	Federated string `json:",omitempty"`
}

// conditions maps operators to keys to values. Operators and keys are encoded
// in sorted order.
type conditions map[string]map[string]values

// values is encoded as a string if it has one element.
type values []string

// MarshalJSON returns one value as a string and several as an array.
func (v values) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return encode(v[0])
	}
	return encode([]string(v))
}

func newDocument(statements ...statement) document {
	return document{Version: "2012-10-17", Statement: statements}
}

// pretty returns the document indented by two spaces, with a newline at the
// end.
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

// encode returns JSON without HTML escapes, so that <, > and & in keys stay as
// they are. IAM only accepts characters up to U+00FF
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html),
// so encode escapes all others.
func encode(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("encoding a policy: %w", err)
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
