package directory

import (
	"strings"
	"time"

	"github.com/windlass-io/windlass/iam"
)

// Caller is the identity behind a request, with everything that determines its
// permissions.
type Caller struct {
	iam.Principal
	KeyID   string   // access key ID; empty for an anonymous caller
	Secret  string   // of the key
	Session *Session // nil for long-term keys
	Expired bool     // the session has expired

	Identity []*iam.Compiled
	Boundary *iam.Compiled
	Limits   []*iam.Compiled // session policies
	Tags     []Tag           // principal tags, of the identity and its session
	Issued   time.Time       // when the session began

	bearer *Identity // the user or role whose policies Identity has; nil for the root
	groups []*Group  // groups whose policies Identity has too
}

// Caller returns the owner of an access key, or nil for an unknown or inactive
// key or a deleted identity.
func (d *Directory) Caller(keyID string, now time.Time) *Caller {
	d.mu.RLock()
	defer d.mu.RUnlock()
	tx := d.seen()
	if session := tx.Sessions.Get("", keyID); session != nil && session.ID == keyID {
		return tx.sessionCaller(session, now)
	}
	key := tx.Keys.Get("", keyID)
	if key == nil || key.ID != keyID || !key.Active {
		return nil
	}
	caller := tx.UserCaller(key.Account, key.User)
	if caller == nil {
		return nil
	}
	caller.KeyID, caller.Secret = key.ID, key.Secret
	return caller
}

// UserCaller returns a user acting with long-term credentials, or the
// account's root if name is empty. It returns nil if there is no such user.
func (tx *Tx) UserCaller(account, name string) *Caller {
	if name == "" {
		return &Caller{
			Principal: iam.Principal{
				Type:    iam.Root,
				ARN:     "arn:aws:iam::" + account + ":root",
				Account: account,
				UserID:  account,
			},
		}
	}
	user := tx.Users.Get(account, name)
	if user == nil {
		return nil
	}
	groups := tx.GroupsOf(user)
	return &Caller{
		Principal: iam.Principal{
			Type:     iam.User,
			ARN:      user.ARN(),
			Account:  account,
			UserID:   user.ID,
			UserName: user.Name,
		},
		Identity: tx.userPolicies(user, groups),
		Boundary: tx.boundary(user.Boundary),
		Tags:     user.Tags,
		bearer:   &user.Identity,
		groups:   groups,
	}
}

// userPolicies returns every identity policy of a user: its own and its
// groups'.
func (tx *Tx) userPolicies(user *User, groups []*Group) []*iam.Compiled {
	policies := tx.identityPolicies(&user.Identity, nil)
	for _, group := range groups {
		policies = tx.identityPolicies(&group.Identity, policies)
	}
	return policies
}

// GroupsOf returns the groups that a user is a member of.
func (tx *Tx) GroupsOf(user *User) []*Group {
	var groups []*Group
	for group := range tx.Groups.All(user.Account) {
		if group.Has(user.Name) {
			groups = append(groups, group)
		}
	}
	return groups
}

// RolePolicies returns every identity policy of a role.
func (tx *Tx) RolePolicies(role *Role) []*iam.Compiled {
	return tx.identityPolicies(&role.Identity, nil)
}

func (tx *Tx) identityPolicies(of *Identity, policies []*iam.Compiled) []*iam.Compiled {
	for _, name := range SortedNames(of.Inline) {
		policies = append(policies, of.Inline[name].Compiled())
	}
	for _, arn := range of.Attached {
		if document := tx.managed(arn); document != nil {
			policies = append(policies, document.Compiled())
		}
	}
	return policies
}

// managed returns the default version of a managed policy, or nil.
func (tx *Tx) managed(arn string) *Document {
	if policy := tx.PolicyByARN(arn); policy != nil {
		return policy.Document()
	}
	return nil
}

func (tx *Tx) sessionCaller(s *Session, now time.Time) *Caller {
	var caller *Caller
	switch s.Kind {
	case RoleSession, WebIdentitySession:
		caller = tx.roleCaller(s)
	case UserSession:
		caller = tx.UserCaller(s.Account, s.User)
	case FederatedSession:
		caller = tx.federatedCaller(s)
	}
	if caller == nil {
		return nil
	}
	caller.KeyID, caller.Secret, caller.Session, caller.Issued = s.ID, s.Secret, s, s.Issued
	caller.Expired = !now.Before(s.Expires)
	caller.Limits = tx.limits(s)
	return caller
}

func (tx *Tx) roleCaller(s *Session) *Caller {
	role := tx.Roles.Get(s.Account, s.Role)
	if role == nil || role.ID != s.RoleID {
		return nil
	}
	principal := RolePrincipal(role, s.Name)
	principal.Provider = s.Provider
	return &Caller{
		Principal: principal,
		Identity:  tx.RolePolicies(role),
		Boundary:  tx.boundary(role.Boundary),
		Tags:      SetTags(role.Tags, s.Tags, strings.EqualFold),
		bearer:    &role.Identity,
	}
}

// RolePrincipal returns the principal of a role's session.
func RolePrincipal(role *Role, session string) iam.Principal {
	return iam.Principal{
		Type:    iam.RoleSession,
		ARN:     "arn:aws:sts::" + role.Account + ":assumed-role/" + role.Name + "/" + session,
		RoleARN: role.ARN(), Account: role.Account, UserID: role.ID + ":" + session,
	}
}

// federatedCaller returns the caller of a federated session, who may do what
// both its user and its session policies allow.
func (tx *Tx) federatedCaller(s *Session) *Caller {
	caller := tx.UserCaller(s.Account, s.User)
	if caller == nil {
		return nil
	}
	caller.Principal = iam.Principal{
		Type: iam.FederatedUser, ARN: "arn:aws:sts::" + s.Account + ":federated-user/" + s.Name, UserARN: caller.ARN,
		Account: s.Account, UserID: s.Account + ":" + s.Name,
	}
	caller.Tags = SetTags(caller.Tags, s.Tags, strings.EqualFold)
	return caller
}

// limits returns the session policies: one of them must allow, and none may
// deny. A session whose managed policies were all deleted is denied everything.
func (tx *Tx) limits(s *Session) []*iam.Compiled {
	var limits []*iam.Compiled
	for _, document := range s.Policies {
		limits = append(limits, document.compiled)
	}
	for _, arn := range s.PolicyARNs {
		if document := tx.managed(arn); document != nil {
			limits = append(limits, document.compiled)
		}
	}
	if limits == nil && len(s.PolicyARNs) > 0 {
		return []*iam.Compiled{tx.denyAll}
	}
	return limits
}

// boundary returns a permissions boundary. If its policy was deleted, it allows
// nothing.
func (tx *Tx) boundary(arn string) *iam.Compiled {
	if arn == "" {
		return nil
	}
	if document := tx.managed(arn); document != nil {
		return document.compiled
	}
	return tx.denyAll
}
