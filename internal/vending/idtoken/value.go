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

// Kind is what a claim's value is.
type Kind string

// The kinds of value.
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
	Text string   // String, and Number as it was written
	Flag bool     // Boolean
	List []string // List; may be empty
}

// Show gives the value as people read it: what kind Other holds is not shown.
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

// seconds reads a NumericDate that is a whole number, with a year of four
// digits. It is exact: no fraction, no exponent.
func (v Value) seconds() (int64, bool) {
	if v.Kind != Number {
		return 0, false
	}
	n, err := strconv.ParseInt(v.Text, 10, 64)
	return n, err == nil && n > 0 && n < endOfTime
}

// object reads a JSON object whose members are told apart whatever their case.
func object(text []byte, what string) (map[string]Value, error) {
	if !utf8.Valid(text) {
		return nil, fault("form", "The token's %s is not UTF-8.", what)
	}
	r := reader{decoder: json.NewDecoder(bytes.NewReader(text)), what: what}
	r.decoder.UseNumber()
	if open, err := r.decoder.Token(); err != nil || open != json.Delim('{') {
		return nil, fault("form", "The token's %s is not a JSON object.", what)
	}
	members, err := r.members(1)
	if err != nil {
		return nil, err
	}
	if _, err := r.decoder.Token(); err != io.EOF {
		return nil, fault("form", "Something stands behind the token's %s.", what)
	}
	return members, nil
}

type reader struct {
	decoder *json.Decoder
	what    string
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
			return nil, fault("form", "The token's %s has the member %q twice, or in two cases.", r.what, bounded(name))
		}
		if reserved[fold] && fold != name {
			return nil, fault("form", "The token's %s has the member %q in another case.", r.what, bounded(fold))
		}
		if len(members) == maxMembers {
			return nil, fault("form", "The token's %s has more than %d members.", r.what, maxMembers)
		}
		folded[fold] = true
		if members[name], err = r.value(depth); err != nil {
			return nil, err
		}
	}
	return members, r.end()
}

// reserved are the names that mean something to every reader; a lax one would
// take them in any case.
var reserved = map[string]bool{
	"alg": true, "kid": true, "typ": true, "iss": true, "sub": true, "aud": true, "exp": true, "nbf": true, "iat": true, "jti": true,
}

func (r *reader) value(depth int) (Value, error) {
	token, err := r.decoder.Token()
	if err != nil {
		return Value{}, r.broken()
	}
	switch v := token.(type) {
	case string:
		return Value{Kind: String, Text: v}, r.sound(v)
	case bool:
		return Value{Kind: Boolean, Flag: v}, nil
	case json.Number:
		if f, err := v.Float64(); err != nil || math.IsInf(f, 0) {
			return Value{}, r.broken()
		}
		return Value{Kind: Number, Text: v.String()}, nil
	case json.Delim:
		return r.nested(v, depth)
	}
	return Value{Kind: Other}, nil // null
}

func (r *reader) nested(open json.Delim, depth int) (Value, error) {
	if depth >= maxDepth {
		return Value{}, fault("form", "The token's %s is nested deeper than %d.", r.what, maxDepth)
	}
	if open == '{' {
		_, err := r.members(depth + 1)
		return Value{Kind: Other}, err
	}
	list := Value{Kind: List, List: []string{}}
	for n := 0; r.decoder.More(); n++ {
		if n == maxMembers {
			return Value{}, fault("form", "The token's %s has a list of more than %d items.", r.what, maxMembers)
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
		return "", r.broken()
	}
	return name, r.sound(name)
}

// sound refuses what Go puts in the place of half a surrogate pair: two
// different texts would become one.
func (r *reader) sound(s string) error {
	if strings.ContainsRune(s, utf8.RuneError) {
		return fault("form", "The token's %s has text that is not Unicode.", r.what)
	}
	return nil
}

func (r *reader) end() error {
	if _, err := r.decoder.Token(); err != nil {
		return r.broken()
	}
	return nil
}

func (r *reader) broken() error { return fault("form", "The token's %s is not JSON.", r.what) }
