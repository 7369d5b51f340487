package iam

import "strings"

// grantee is the way in which a Principal element names the caller. It
// determines which other policies matter. Higher values are more direct.
type grantee uint8

const (
	nobody       grantee = iota // the caller isn't named
	accountNamed                // the account is named: its own policies decide
	// the role, or the user behind a federated session, is named: boundary and
	// session policies limit it
	roleNamed
	callerNamed   // the caller itself, or everyone, is named: no limits apply
	perhapsCaller // AWS's documentation is ambiguous on whether the caller is named
)

// match reports whether a statement with an effect applies to the caller, and
// how the caller is named.
func (s *principalSet) match(p *Principal, deny, bounded bool) (truth, grantee) {
	named := s.find(p)
	switch {
	case !s.negated && named == perhapsCaller:
		return doubt, callerNamed
	case !s.negated:
		return truthOf(named != nobody), named
	case deny:
		return truthOf(bounded || !s.excepts(p, named)), callerNamed
	default:
		// An Allow with NotPrincipal excludes callers that are named in any
		// way.
		return truthOf(named == nobody), callerNamed
	}
}

// excepts reports whether a Deny with NotPrincipal exempts the caller: only if
// it is named itself and so are its account and, for a session, its role. AWS
// may check the account first, then the role, then the session, and the Deny
// applies to each that isn't listed.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func (s *principalSet) excepts(p *Principal, named grantee) bool {
	switch {
	case s.any || !p.hasIdentity():
		return named == callerNamed
	case s.anyAWS:
		return true
	case p.Type == Root:
		return s.account(p) != nobody
	case p.Type == RoleSession && !s.namesIssuer(p):
		return false
	default:
		return named == callerNamed && s.account(p) != nobody
	}
}

// find returns the most direct way in which the caller is named.
func (s *principalSet) find(p *Principal) grantee {
	if s.any {
		return callerNamed
	}
	switch p.Type {
	case Anonymous:
		if s.anyAWS {
			return callerNamed
		}
		return nobody
	case Service:
		return s.findOutsider(s.services, p.Service, true)
	case WebIdentity, SAML:
		return s.findOutsider(s.providers, p.Provider, false)
	case User, RoleSession, Root, FederatedUser:
	}
	if s.anyAWS || contains(s.arns, p.ARN) || contains(s.ids, p.UserID) {
		return callerNamed
	}
	if s.namesIssuer(p) {
		return roleNamed
	}
	if named := s.account(p); named != nobody {
		return named
	}
	if s.matchesOpen(p) {
		return perhapsCaller
	}
	return nobody
}

// findOutsider returns how callers without an identity in an account are named.
// {"AWS": "*"} includes everyone, and so every service. AWS's documentation is
// ambiguous on whether it includes bearers of tokens, who aren't AWS
// identities yet.
func (s *principalSet) findOutsider(list []string, name string, service bool) grantee {
	if contains(list, name) || service && s.anyAWS {
		return callerNamed
	}
	for _, pattern := range list {
		if foldGlob(pattern, name) {
			return perhapsCaller
		}
	}
	if s.anyAWS {
		return perhapsCaller
	}
	return nobody
}

// namesIssuer reports whether the role behind a session, or the user behind a
// federated one, is named.
func (s *principalSet) namesIssuer(p *Principal) bool {
	switch p.Type {
	case RoleSession:
		if contains(s.ids, sessionIssuerID(p)) {
			return true
		}
		if p.RoleARN != "" {
			return contains(s.arns, p.RoleARN)
		}
		for _, role := range s.arns {
			if isSessionOf(p.ARN, role) {
				return true
			}
		}
		return false
	case FederatedUser:
		return contains(s.arns, p.UserARN)
	case Anonymous, User, Root, WebIdentity, SAML, Service:
	}
	return false
}

// isSessionOf reports whether a session's ARN belongs to a role. The role's
// ARN has a path, which the session's lacks.
func isSessionOf(session, role string) bool {
	s, _ := splitARN(session)
	r, _ := splitARN(role)
	rest, isSession := strings.CutPrefix(s[5], "assumed-role/")
	path, isRole := strings.CutPrefix(r[5], "role/")
	if !isSession || !isRole || s[1] != r[1] || s[4] != r[4] {
		return false
	}
	name, _, _ := strings.Cut(rest, "/")
	return name != "" && name == path[strings.LastIndexByte(path, '/')+1:]
}

func (s *principalSet) account(p *Principal) grantee {
	if p.Account == "" {
		return nobody
	}
	for i := range s.accounts {
		if a := &s.accounts[i]; a.id == p.Account &&
			(a.partition == "" || p.ARN == "" || strings.HasPrefix(p.ARN, a.partition)) {
			return accountNamed
		}
	}
	if contains(s.owners, p.CanonicalID) {
		return accountNamed
	}
	return nobody
}

// matchesOpen matches partial wildcards in the way that their author probably
// intended.
func (s *principalSet) matchesOpen(p *Principal) bool {
	for _, pattern := range s.open {
		for _, name := range [...]string{p.ARN, p.RoleARN, p.UserARN, p.Account} {
			if name != "" && foldGlob(pattern, name) {
				return true
			}
		}
	}
	return false
}

// sessionIssuerID returns the unique ID of the role behind a session: the part
// of its user ID before the colon.
func sessionIssuerID(p *Principal) string {
	id, _, ok := strings.Cut(p.UserID, ":")
	if !ok || p.Type != RoleSession {
		return ""
	}
	return id
}

// contains reports whether a list contains a text. An empty text means unknown
// and is never contained.
func contains(list []string, text string) bool {
	if text == "" {
		return false
	}
	for _, s := range list {
		if s == text {
			return true
		}
	}
	return false
}
