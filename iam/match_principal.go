package iam

import "strings"

// grantee says how a Principal element names the caller, which decides what
// else has a say. A higher one is the more direct.
type grantee uint8

const (
	nobody        grantee = iota // the caller is not named
	accountNamed                 // its account is: the account's own policies decide
	roleNamed                    // its role, or the user behind a federated session, is: boundary and session policies cap
	callerNamed                  // itself, or everyone, is: nothing caps
	perhapsCaller                // it may be named: AWS's documents leave it open
)

// match reports whether a statement of an effect is for the caller, and how the
// caller is named.
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
		// An Allow for everyone but those named leaves out whoever is named in
		// any way.
		return truthOf(named == nobody), callerNamed
	}
}

// excepts reports whether a Deny for everyone but those named spares the caller:
// only when it is named itself and so are its account and, for a session, its
// role. AWS may look at the account first, then at the role, then at the
// session, and the Deny applies to what it finds not listed.
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
		return s.outsider(s.services, p.Service, true)
	case WebIdentity, SAML:
		return s.outsider(s.providers, p.Provider, false)
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

// outsider returns the answer for callers who have no identity in an account.
// {"AWS": "*"} is everyone, and so every service; whether it means the bearers
// of tokens, who are not known to AWS yet, is open.
func (s *principalSet) outsider(list []string, name string, service bool) grantee {
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

// isSessionOf reports whether a session's ARN is one of a role, whose ARN has a
// path that the session's has not.
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

// matchesOpen reads partial wildcards as one might have meant them.
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

// sessionIssuerID returns the unique ID of the role behind a session: what
// stands before the colon of its user ID.
func sessionIssuerID(p *Principal) string {
	id, _, ok := strings.Cut(p.UserID, ":")
	if !ok || p.Type != RoleSession {
		return ""
	}
	return id
}

// contains never finds the empty string: what is not known is not named.
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
