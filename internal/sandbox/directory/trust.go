package directory

import "github.com/windlass-io/windlass/iam"

// Trust gives a role's trust policy for decisions.
func (tx *Tx) Trust(role *Role) *iam.Compiled { return role.Trust.Compiled() }
