package iam

import "fmt"

// PrincipalType says what kind of caller a [Principal] is.
type PrincipalType uint8

// The principal types. Anonymous is the zero value: who is not known has no
// name that a policy could grant to.
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

// ParsePrincipalType reads a type by its name, as [PrincipalType.String]
// gives it.
func ParsePrincipalType(name string) (PrincipalType, error) {
	for t := Anonymous; t <= Service; t++ {
		if t.String() == name {
			return t, nil
		}
	}
	return 0, fmt.Errorf(
		"principal type %q is none of user, role-session, root, federated-user, web-identity, saml, service, anonymous",
		name)
}

// Principal is who makes a request. Fields that its type does not have are
// empty.
type Principal struct {
	Type        PrincipalType
	ARN         string // of the user, root user or session: arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION for a role's session
	RoleARN     string // RoleSession: arn:aws:iam::ACCOUNT:role/PATH/ROLE; empty: found by the session's ARN, whatever the path
	UserARN     string // FederatedUser: the IAM user who asked for the session; empty when not known
	Account     string // 12 digits
	UserID      string // AIDA…, AROA…:SESSION, ACCOUNT:NAME; empty when not known
	UserName    string // User: its friendly name; empty when not known
	CanonicalID string // the account's canonical user ID in S3; empty when not known
	Service     string // Service: such as "logging.s3.amazonaws.com"
	Provider    string // WebIdentity and SAML: the provider's ARN, or its name such as "accounts.google.com"
}

// hasIdentity reports whether the caller is an identity of an account, to which
// identity policies are attached.
func (p *Principal) hasIdentity() bool {
	switch p.Type {
	case User, RoleSession, Root, FederatedUser:
		return true
	case Anonymous, WebIdentity, SAML, Service:
	}
	return false
}

// Request is one call to be decided.
type Request struct {
	Principal       Principal
	Action          string  // such as "s3:GetObject", in any case
	Resource        string  // the ARN, or "*" for calls on no resource
	ResourceAccount string  // the account that owns the resource, 12 digits; empty: the one in its ARN. A bucket's ARN has none.
	Context         Context // the condition keys that this request carries
}
