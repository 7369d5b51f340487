package pasted

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
)

// Unwrap takes a policy out of what the AWS command line prints around it: the
// answers of get-role, get-role-policy, get-policy-version and similar
// commands, and the percent signs of IAM's own API. Other text is returned
// unchanged.
func Unwrap(text []byte) []byte {
	text = bytes.TrimSpace(text)
	if bytes.HasPrefix(text, []byte("%7B")) {
		if plain, err := url.PathUnescape(string(text)); err == nil {
			text = []byte(plain)
		}
	}
	inner := text
	for range maxWraps {
		var members map[string]json.RawMessage
		if json.Unmarshal(inner, &members) != nil || has(members, "Statement") {
			break
		}
		next, ok := wrapped(members)
		if !ok {
			return text
		}
		inner = next
	}
	return inner
}

// maxWraps is one more than the levels around a policy in any response.
const maxWraps = 3

func wrapped(members map[string]json.RawMessage) (json.RawMessage, bool) {
	for _, name := range []string{
		"Role", "PolicyVersion", "AssumeRolePolicyDocument", "PolicyDocument", "Document",
		"Policy",
	} {
		inner, ok := members[name]
		if !ok {
			continue
		}
		var text string
		if json.Unmarshal(inner, &text) == nil { // get-bucket-policy prints a string
			return Unwrap([]byte(text)), true
		}
		return inner, true
	}
	return nil, false
}

func has(members map[string]json.RawMessage, name string) bool {
	for member := range members {
		if strings.EqualFold(member, name) {
			return true
		}
	}
	return false
}
