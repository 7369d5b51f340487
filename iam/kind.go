package iam

import "fmt"

// Kind is the kind of a policy. It determines the elements that the policy can
// have and its part in the evaluation.
type Kind uint8

// The kinds. The zero value is Identity.
const (
	Identity Kind = iota // attached to a user, group or role: what that identity may do
	Resource             // attached to a resource, such as a bucket: who may do what with it
	Trust                // a role's trust policy: who may assume the role
	Session              // passed when a session is created: limits what the session may do
	Boundary             // a permissions boundary: limits what a user or role may do
	// a service control policy of AWS Organizations: limits what the identities of
	// an account may do
	ServiceControl
	// a resource control policy of AWS Organizations: limits what anyone may do
	// with the resources of an account
	ResourceControl
	Endpoint // of a VPC endpoint: limits the requests that pass through it
)

// Kinds returns every kind, in the order of the constants.
func Kinds() []Kind {
	return []Kind{Identity, Resource, Trust, Session, Boundary, ServiceControl, ResourceControl, Endpoint}
}

// String returns the kind's name as [ParseKind] parses it: "identity",
// "resource", "trust", "session", "boundary", "scp", "rcp" or "endpoint".
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
	case ServiceControl:
		return "scp"
	case ResourceControl:
		return "rcp"
	case Endpoint:
		return "endpoint"
	default:
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
}

// ParseKind parses the name of a kind, as returned by [Kind.String].
func ParseKind(name string) (Kind, error) {
	for _, k := range Kinds() {
		if k.String() == name {
			return k, nil
		}
	}
	return 0, fmt.Errorf(
		"unknown policy kind %q; use identity, resource, trust, session, boundary, scp, rcp or endpoint", name)
}

// hasPrincipal reports whether statements of this kind have a Principal.
func (k Kind) hasPrincipal() bool {
	return k == Resource || k == Trust || k == ResourceControl || k == Endpoint
}

// MarshalText returns the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText parses the kind's name.
func (k *Kind) UnmarshalText(text []byte) error {
	parsed, err := ParseKind(string(text))
	if err != nil {
		return err
	}
	*k = parsed
	return nil
}
