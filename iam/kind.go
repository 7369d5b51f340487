package iam

import "fmt"

// Kind says what a policy is attached to, which settles the elements it may
// have and its place in the evaluation.
type Kind uint8

// The kinds. Identity is the zero value.
const (
	Identity Kind = iota // attached to a user, group or role: says what its bearer may do
	Resource             // attached to a resource, such as a bucket policy: says who may do what to it
	Trust                // a role's trust policy: says who may become the role
	Session              // passed when a session begins: caps what the session may do
	Boundary             // a permissions boundary: caps what a user or role may do
)

// Kinds returns every kind, in the order of the constants.
func Kinds() []Kind { return []Kind{Identity, Resource, Trust, Session, Boundary} }

// String returns the kind as [ParseKind] reads it: "identity", "resource",
// "trust", "session" or "boundary".
func (k Kind) String() string {
	switch k {
	case Identity:
		return "identity"
	case Resource:
		return "resource"
	case Trust:
		return "trust"
	case Session:
		return "session"
	case Boundary:
		return "boundary"
	default:
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
}

// ParseKind reads a kind by its name, as [Kind.String] gives it.
func ParseKind(name string) (Kind, error) {
	for _, k := range Kinds() {
		if k.String() == name {
			return k, nil
		}
	}
	return 0, fmt.Errorf("policy kind %q is none of identity, resource, trust, session, boundary", name)
}

// bearsPrincipal reports whether statements of the kind name whom they are for.
func (k Kind) bearsPrincipal() bool { return k == Resource || k == Trust }

// MarshalText returns the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the kind's name.
func (k *Kind) UnmarshalText(text []byte) error {
	parsed, err := ParseKind(string(text))
	if err != nil {
		return err
	}
	*k = parsed
	return nil
}
