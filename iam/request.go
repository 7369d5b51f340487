package iam

import "fmt"

// PrincipalType is the type of a [Principal].
type PrincipalType uint8

// The principal types. The zero value is Anonymous.
const (
	Anonymous     PrincipalType = iota // an unsigned request
	User                               // an IAM user with long-term credentials
	RoleSession                        // a session of a role, from any of the AssumeRole calls
	Root                               // an account's root user
	FederatedUser                      // a session from GetFederationToken
	WebIdentity                        // the bearer of an OIDC token, calling AssumeRoleWithWebIdentity
	SAML                               // the bearer of a SAML assertion, calling AssumeRoleWithSAML
	Service                            // an AWS service acting for itself
)

// String returns the type's name as the windlass command reads it, such as
// "role-session".
func (t PrincipalType) String() string {
	switch t {
	case Anonymous:
		return "anonymous"
	case User:
		return "user"
	case RoleSession:
		return "role-session"
	case Root:
		return "root"
	case FederatedUser:
		return "federated-user"
	case WebIdentity:
		return "web-identity"
	case SAML:
		return "saml"
	case Service:
		return "service"
	default:
		return fmt.Sprintf("PrincipalType(%d)", uint8(t))
	}
}

// ParsePrincipalType parses the name of a type, as returned by
// [PrincipalType.String].
func ParsePrincipalType(name string) (PrincipalType, error) {
	for t := Anonymous; t <= Service; t++ {
		if t.String() == name {
			return t, nil
		}
	}
	return 0, fmt.Errorf(
		"unknown principal type %q; use user, role-session, root, federated-user, web-identity, saml, service or "+
			"anonymous",
		name,
	)
}

// Principal is the caller of a request. Fields that its type doesn't have are
// empty.
type Principal struct {
	Type PrincipalType
	// of the user, root user or session:
	// arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION for a role's session
	ARN string
	// RoleSession: arn:aws:iam::ACCOUNT:role/PATH/ROLE; if empty, derived from
	// the session's ARN with any path
	RoleARN     string
	UserARN     string // FederatedUser: the IAM user who created the session; empty if unknown
	Account     string // 12 digits
	UserID      string // AIDA…, AROA…:SESSION, ACCOUNT:NAME; empty if unknown
	UserName    string // User: its friendly name; empty if unknown
	CanonicalID string // the account's canonical user ID in S3; empty if unknown
	Service     string // Service: such as "logging.s3.amazonaws.com"
	Provider    string // WebIdentity and SAML: the provider's ARN, or its name such as "accounts.google.com"
}

// hasIdentity reports whether the caller is an identity of an account, which
// can have identity policies.
func (p *Principal) hasIdentity() bool {
	switch p.Type {
	case User, RoleSession, Root, FederatedUser:
		return true
	case Anonymous, WebIdentity, SAML, Service:
	}
	return false
}

// Request is a call to decide.
type Request struct {
	Principal Principal
	Action    string // such as "s3:GetObject", in any case
	Resource  string // the ARN, or "*" for calls without a resource
	// the account that owns the resource, 12 digits; if empty, the one in its
	// ARN. A bucket's ARN has none.
	ResourceAccount string
	Context         Context // the request's condition keys
}

// Owner returns the account that owns the resource: ResourceAccount, or the
// account in the resource's ARN. For calls on no resource it is the caller's
// account. It is empty if none is known.
func (r *Request) Owner() string {
	switch {
	case r.ResourceAccount != "":
		return r.ResourceAccount
	case r.Resource == "*":
		return r.Principal.Account
	default:
		return arnField(r.Resource, 4)
	}
}
