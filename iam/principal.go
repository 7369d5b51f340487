package iam

import (
	"fmt"
	"strings"
)

// ParsePrincipal parses the ARN of a caller or the name of a service:
//
//	arn:aws:iam::111122223333:user/path/alice
//	arn:aws:sts::111122223333:assumed-role/app/session
//	arn:aws:sts::111122223333:federated-user/bob
//	arn:aws:iam::111122223333:root
//	arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com
//	arn:aws:iam::111122223333:saml-provider/corp
//	logging.s3.amazonaws.com
//
// "*" is an anonymous caller. A session's ARN doesn't have its role's path; set
// RoleARN if the role has one.
func ParsePrincipal(text string) (Principal, error) {
	if text == "*" {
		return Principal{Type: Anonymous}, nil
	}
	fields, ok := splitARN(text)
	if !ok {
		if strings.HasSuffix(text, ".amazonaws.com") {
			return Principal{Type: Service, Service: text}, nil
		}
		return Principal{}, fmt.Errorf("principal %q is neither an ARN nor a service such as s3.amazonaws.com",
			clip(text))
	}
	kind, name, _ := strings.Cut(fields[5], "/")
	p := Principal{ARN: text, Account: fields[4]}
	switch fields[2] + ":" + kind {
	case "iam:root":
		p.Type = Root
	case "iam:user":
		p.Type = User
		p.UserName = name[strings.LastIndexByte(name, '/')+1:]
	case "sts:assumed-role":
		p.Type = RoleSession
		role, _, _ := strings.Cut(name, "/")
		p.RoleARN = "arn:" + fields[1] + ":iam::" + fields[4] + ":role/" + role
	case "sts:federated-user":
		p.Type = FederatedUser
	case "iam:oidc-provider":
		p = Principal{Type: WebIdentity, Provider: text}
	case "iam:saml-provider":
		p = Principal{Type: SAML, Provider: text}
	default:
		return Principal{}, fmt.Errorf("principal %q is not a user, root user, session or identity provider",
			clip(text))
	}
	if p.hasIdentity() && !isAccountID(p.Account) {
		return Principal{}, fmt.Errorf("principal %q has no account of 12 digits", clip(text))
	}
	return p, nil
}

// AddGlobalKeys sets the condition keys that AWS adds to every request and
// that follow from the request itself: aws:PrincipalArn, aws:PrincipalAccount,
// aws:PrincipalType, aws:PrincipalIsAWSService, aws:PrincipalServiceName,
// aws:userid, aws:username and aws:ResourceAccount, and s3:ResourceAccount for
// S3. It doesn't change keys that are already set. [Evaluate] adds no keys.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (r *Request) AddGlobalKeys() {
	p := &r.Principal
	r.add("aws:PrincipalArn", p.principalARN())
	r.add("aws:PrincipalAccount", p.Account)
	r.add("aws:PrincipalType", p.typeKey())
	r.add("aws:userid", p.userID())
	r.add("aws:PrincipalServiceName", p.Service)
	if p.Type == User {
		r.add("aws:username", p.UserName)
	}
	if p.hasIdentity() || p.Type == Service {
		r.add("aws:PrincipalIsAWSService", fmt.Sprint(p.Type == Service))
	}
	r.add("aws:ResourceAccount", r.ResourceAccount)
	if foldPrefix(r.Action, "s3:") {
		r.add("s3:ResourceAccount", r.ResourceAccount)
	}
}

// add sets a key unless it is already set or the value is empty.
func (r *Request) add(key, value string) {
	if value != "" && !r.Context.Has(key) {
		r.Context.Set(key, value)
	}
}

// principalARN returns aws:PrincipalArn, which for a role session is the
// role's ARN.
func (p *Principal) principalARN() string {
	switch p.Type {
	case RoleSession:
		return p.RoleARN
	case User, Root, FederatedUser:
		return p.ARN
	case Anonymous, WebIdentity, SAML, Service:
	}
	return ""
}

// typeKey returns aws:PrincipalType.
func (p *Principal) typeKey() string {
	switch p.Type {
	case Root:
		return "Account"
	case User:
		return "User"
	case FederatedUser:
		return "FederatedUser"
	case RoleSession:
		return "AssumedRole"
	case Anonymous:
		return "Anonymous"
	case WebIdentity, SAML, Service:
	}
	return ""
}

// userID returns aws:userid.
func (p *Principal) userID() string {
	switch {
	case p.UserID != "":
		return p.UserID
	case p.Type == Root:
		return p.Account
	case p.Type == Anonymous:
		return "anonymous"
	default:
		return ""
	}
}
