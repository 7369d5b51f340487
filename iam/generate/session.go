package generate

import (
	"fmt"
	"unicode/utf8"
)

// MaxSessionPolicy is the maximum number of characters in an inline session
// policy. See
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.
const MaxSessionPolicy = 2048

// SizeError is returned for a session policy that exceeds the limit of STS. A
// policy is never shortened by widening it.
type SizeError struct {
	Characters int // in the policy
	Locations  int // in the need
}

// Error returns the policy's size and how to reduce it.
func (e *SizeError) Error() string {
	return fmt.Sprintf(
		"the session policy for these %d locations has %d characters, but AWS STS allows at most %d: request fewer "+
			"locations at once, or shorter prefixes",
		e.Locations,
		e.Characters,
		MaxSessionPolicy,
	)
}

// SessionPolicy returns the session policy that restricts a role to the need,
// in as few characters as possible. If it has more than [MaxSessionPolicy]
// characters, SessionPolicy returns a [*SizeError].
func SessionPolicy(need Need) (string, error) {
	statements, err := need.statements(nil)
	if err != nil {
		return "", err
	}
	return narrow(statements, need)
}

// narrow encodes statements as a session policy. It leaves out the Sids to
// save characters.
func narrow(statements []statement, need Need) (string, error) {
	for i := range statements {
		statements[i].Sid = ""
	}
	text, err := encode(newDocument(statements...))
	if err != nil {
		return "", err
	}
	if n := utf8.RuneCount(text); n > MaxSessionPolicy {
		return "", &SizeError{Characters: n, Locations: len(need.Locations)}
	}
	return string(text), nil
}
