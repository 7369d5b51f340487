package s3store

// ACL is the access control list of a bucket or an object. A nil list gives
// the owner full control and nobody else any access.
type ACL struct{ Grants []Grant }

// Grant is a permission of one grantee.
type Grant struct {
	Account    string `json:",omitempty"` // 12 digits; empty for a group
	Group      string `json:",omitempty"` // "AllUsers", "AuthenticatedUsers", "LogDelivery"; empty for an account
	Permission string // "FULL_CONTROL", "READ", "WRITE", "READ_ACP", "WRITE_ACP"
}

// Public reports whether the grantee is everyone, or everyone with an AWS
// account.
func (g Grant) Public() bool { return g.Group == "AllUsers" || g.Group == "AuthenticatedUsers" }

// Public reports whether the list grants anything to everyone.
func (a *ACL) Public() bool {
	if a == nil {
		return false
	}
	for _, grant := range a.Grants {
		if grant.Public() {
			return true
		}
	}
	return false
}
