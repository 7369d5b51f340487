package idtoken

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind is the type of a claim's value.
type Kind string

// The kinds of values.
const (
	String  Kind = "string"
	Boolean Kind = "boolean"
	Number  Kind = "number"
	List    Kind = "list"  // of strings
	Other   Kind = "other" // null, an object, a list of other things: never matched
)

// Value is a claim's value.
type Value struct {
	Kind Kind
	Text string   // of a String, and of a Number as written
	Flag bool     // of a Boolean
	List []string // of a List; may be empty
}

// Show returns the value as text for people, without the content of kind
// Other.
func (v Value) Show() string {
	switch v.Kind {
	case String, Number:
		return v.Text
	case Boolean:
		return strconv.FormatBool(v.Flag)
	case List:
		return "[" + strings.Join(v.List, " ") + "]"
	case Other:
	}
	return "(" + string(v.Kind) + ")"
}

// endOfTime is the year 10000, in seconds.
const endOfTime = 253_402_300_800

// seconds returns a NumericDate. It accepts whole numbers without a fraction
// or an exponent, up to the year 9999.
func (v Value) seconds() (int64, bool) {
	if v.Kind != Number {
		return 0, false
	}
	n, err := strconv.ParseInt(v.Text, 10, 64)
	return n, err == nil && n > 0 && n < endOfTime
}

// object decodes a JSON object. It rejects names that differ in case only.
func object(text []byte, part string) (map[string]Value, error) {
	if !utf8.Valid(text) {
		return nil, fault("form", "The token's %s isn't UTF-8.", part)
	}
	r := reader{decoder: json.NewDecoder(bytes.NewReader(text)), part: part}
	r.decoder.UseNumber()
	if open, err := r.decoder.Token(); err != nil || open != json.Delim('{') {
		return nil, fault("form", "The token's %s isn't a JSON object.", part)
	}
	members, err := r.members(1)
	if err != nil {
		return nil, err
	}
	if _, err := r.decoder.Token(); err != io.EOF {
		return nil, fault("form", "The token's %s has text after the JSON object.", part)
	}
	return members, nil
}

type reader struct {
	decoder *json.Decoder
	part    string // "header" or "payload"
}

func (r *reader) members(depth int) (map[string]Value, error) {
	members := map[string]Value{}
	folded := map[string]bool{}
	for r.decoder.More() {
		name, err := r.text()
		if err != nil {
			return nil, err
		}
		fold := strings.ToLower(name)
		if folded[fold] {
			return nil, fault("form", "The token's %s has the member %s twice, or in two spellings.", r.part,
				quoted(name))
		}
		if reserved[fold] && fold != name {
			return nil, fault("form", "The token's %s has the member %q with the wrong case.", r.part, fold)
		}
		if len(members) == maxMembers {
			return nil, fault("form", "The token's %s has more than %d members.", r.part, maxMembers)
		}
		folded[fold] = true
		if members[name], err = r.value(depth); err != nil {
			return nil, err
		}
	}
	return members, r.end()
}

// reserved contains the registered names. Other parsers may accept them in any
// case.
var reserved = map[string]bool{
	"alg": true, "kid": true, "typ": true, "iss": true, "sub": true,
	"aud": true, "exp": true, "nbf": true, "iat": true, "jti": true,
}

func (r *reader) value(depth int) (Value, error) {
	token, err := r.decoder.Token()
	if err != nil {
		return Value{}, r.notJSON()
	}
	switch v := token.(type) {
	case string:
		return Value{Kind: String, Text: v}, r.checkUnicode(v)
	case bool:
		return Value{Kind: Boolean, Flag: v}, nil
	case json.Number:
		if f, err := v.Float64(); err != nil || math.IsInf(f, 0) {
			return Value{}, r.notJSON()
		}
		return Value{Kind: Number, Text: v.String()}, nil
	case json.Delim:
		return r.nested(v, depth)
	}
	return Value{Kind: Other}, nil // null
}

func (r *reader) nested(open json.Delim, depth int) (Value, error) {
	if depth >= maxDepth {
		return Value{}, fault("form", "The token's %s is nested more than %d levels deep.", r.part, maxDepth)
	}
	if open == '{' {
		_, err := r.members(depth + 1)
		return Value{Kind: Other}, err
	}
	list := Value{Kind: List, List: []string{}}
	for n := 0; r.decoder.More(); n++ {
		if n == maxMembers {
			return Value{}, fault("form", "The token's %s has a list with more than %d items.", r.part, maxMembers)
		}
		item, err := r.value(depth + 1)
		if err != nil {
			return Value{}, err
		}
		if item.Kind != String {
			list.Kind = Other
		}
		list.List = append(list.List, item.Text)
	}
	if list.Kind == Other {
		list.List = nil
	}
	return list, r.end()
}

func (r *reader) text() (string, error) {
	token, err := r.decoder.Token()
	name, ok := token.(string)
	if err != nil || !ok {
		return "", r.notJSON()
	}
	return name, r.checkUnicode(name)
}

// checkUnicode rejects U+FFFD, with which Go replaces unpaired surrogates:
// different texts would become equal.
func (r *reader) checkUnicode(s string) error {
	if strings.ContainsRune(s, utf8.RuneError) {
		return fault("form", "The token's %s has text that isn't valid Unicode.", r.part)
	}
	return nil
}

func (r *reader) end() error {
	if _, err := r.decoder.Token(); err != nil {
		return r.notJSON()
	}
	return nil
}

func (r *reader) notJSON() error { return fault("form", "The token's %s isn't JSON.", r.part) }
