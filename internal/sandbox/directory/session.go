package directory

import (
	"crypto/subtle"
	"time"
)

// SessionKind is the call that created a session.
type SessionKind string

// The kinds of session.
const (
	RoleSession        SessionKind = "role"         // AssumeRole
	WebIdentitySession SessionKind = "web-identity" // AssumeRoleWithWebIdentity
	UserSession        SessionKind = "user"         // GetSessionToken
	FederatedSession   SessionKind = "federated"    // GetFederationToken
)

// Session is a set of temporary credentials.
type Session struct {
	ID             string // access key ID, ASIA…
	Secret         string
	Token          string // session token, compared in constant time
	Kind           SessionKind
	Account        string // of the identity that the session acts for
	Role           string // role name, for sessions of roles
	RoleID         string // the role's unique ID when the session began
	User           string // user name, for sessions of users and federated users; empty for the root user
	Name           string // role session name, or federated user's name
	Policies       []*Document
	PolicyARNs     []string // managed session policies
	Tags           []Tag
	Transitive     []string // keys of the tags that the next session inherits
	SourceIdentity string
	Provider       string // web identity: the provider's ARN
	Subject        string // web identity: the token's subject
	Audience       string // web identity: the token's audience
	Chained        bool   // created by a role's session
	Issued         time.Time
	Expires        time.Time
}

// forgetAfter is how long an expired session is kept, so that its caller gets
// ExpiredToken.
const forgetAfter = 24 * time.Hour

// Begin stores a new session and deletes some that expired long ago.
func (d *Directory) Begin(session *Session) error {
	return d.Update(func(tx *Tx) error {
		old := session.Issued.Add(-forgetAfter)
		looked := 0
		tx.Sessions.table.rows.Ascend(rowKey("", session.ID), func(_ string, s *Session) bool {
			looked++
			if s.Expires.Before(old) {
				tx.stale = append(tx.stale, s.ID)
			}
			return looked < 8
		})
		for _, id := range tx.stale {
			tx.Sessions.Delete("", id)
		}
		tx.Sessions.Put("", session.ID, session)
		return nil
	})
}

// HasToken compares a session token in constant time.
func (s *Session) HasToken(token string) bool {
	return subtle.ConstantTimeCompare([]byte(s.Token), []byte(token)) == 1
}
