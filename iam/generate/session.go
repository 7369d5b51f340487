package generate

import (
	"fmt"
	"unicode/utf8"
)

// MaxSessionPolicy is how many characters an inline session policy may have.
// See https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.
const MaxSessionPolicy = 2048

// SizeError says that a session policy would be longer than STS takes. It is
// never shortened by widening it.
type SizeError struct {
	Characters int // what the policy would have
	Locations  int // how many locations it is for
}

// Error says by how much the policy is too long, and what to do.
func (e *SizeError) Error() string {
	return fmt.Sprintf(
		"a session policy for these %d locations has %d characters and AWS STS takes %d: ask for fewer locations at once, or for shorter prefixes",
		e.Locations, e.Characters, MaxSessionPolicy)
}

// SessionPolicy is the session policy that narrows a role to the need, as
// short as it can be written. One that would have more than
// [MaxSessionPolicy] characters is refused with a [*SizeError].
func SessionPolicy(need Need) (string, error) {
	statements, err := need.statements(nil)
	if err != nil {
		return "", err
	}
	return narrow(statements, need)
}

// narrow writes statements as a session policy, without names, which would
// take from what it may have of characters.
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
