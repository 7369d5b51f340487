package client

import (
	"fmt"
	"strings"
)

// TokenScope is one permission of a token.
type TokenScope struct {
	Action string `json:"action"` // data.read, data.write, data.delete, data.query, load, manage, audit, metrics
	// for the data actions except data.query: an ID, or "*"; on creation also
	// a name
	Dataset string `json:"dataset,omitempty"`
}

// ParseTokenScope parses a scope's text form: "read:prices", "read", "query",
// "load", "manage", "audit" or "metrics". The service decides which scopes a
// token may have.
func ParseTokenScope(text string) (TokenScope, error) {
	word, name, named := strings.Cut(text, ":")
	switch {
	case named && name == "":
	case word == "read" || word == "write" || word == "delete":
		if !named {
			name = "*"
		}
		return TokenScope{"data." + word, name}, nil
	case named:
	case word == "query":
		return TokenScope{Action: "data.query"}, nil
	case word == "load" || word == "manage" || word == "audit" || word == "metrics":
		return TokenScope{Action: word}, nil
	}
	return TokenScope{}, fmt.Errorf(
		"scope %q is unknown: use read, write or delete (each may name a dataset, such as read:prices), "+
			"query, load, manage, audit or metrics",
		text,
	)
}

// String returns the scope's text form.
func (s TokenScope) String() string {
	word := strings.TrimPrefix(s.Action, "data.")
	if s.Dataset != "" {
		return word + ":" + s.Dataset
	}
	return word
}
