package directory

import (
	"encoding/json"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// Principals are the users and roles that a policy names: what is written
// there, and the unique ID that it had when the policy was set. AWS keeps the
// ID: a principal that is made anew under the same name is not the one that
// was named. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-users.
type Principals map[string]string

// Principals gives the users and roles that a policy names, and the first
// principal that there is not.
func (tx *Tx) Principals(policy *iam.Policy) (principals Principals, unknown string) {
	principals = Principals{}
	for _, s := range policy.Statements {
		for _, element := range []*iam.PrincipalElement{s.Principal, s.NotPrincipal} {
			if element == nil {
				continue
			}
			for _, entry := range element.Entries {
				if entry.Type.Value != "AWS" {
					continue
				}
				for _, value := range entry.Values.Values {
					id, known := tx.principal(value.Value)
					if !known {
						return nil, value.Value
					}
					if id != "" {
						principals[value.Value] = id
					}
				}
			}
		}
	}
	return principals, ""
}

// principal says whether a policy may name this principal, and gives its
// unique ID when it is one user or one role.
func (tx *Tx) principal(principal string) (id string, known bool) {
	if principal == "*" || tx.Accounts.Get(principal, "") != nil {
		return "", true
	}
	if rest, ok := strings.CutPrefix(principal, "arn:aws:sts::"); ok {
		account, name, _ := strings.Cut(rest, ":")
		session := strings.HasPrefix(name, "assumed-role/") || strings.HasPrefix(name, "federated-user/")
		return "", session && tx.Accounts.Get(account, "") != nil
	}
	if id := tx.principalID(principal); id != "" {
		return id, true
	}
	account, ok := strings.CutPrefix(principal, "arn:aws:iam::")
	account, root := strings.CutSuffix(account, ":root")
	return "", ok && root && tx.Accounts.Get(account, "") != nil
}

func (tx *Tx) principalID(arn string) string {
	if user := tx.UserByARN(arn); user != nil {
		return user.ID
	}
	if role := tx.RoleByARN(arn); role != nil {
		return role.ID
	}
	return ""
}

// Today gives a policy as it reads now: a principal that was renamed has its
// new ARN, one that is gone its unique ID.
func (tx *Tx) Today(document *Document, principals Principals) *Document {
	var pairs []string
	for arn, id := range principals {
		if tx.principalID(arn) != id {
			pairs = append(pairs, quoted(arn), quoted(tx.nameOf(arn, id)))
		}
	}
	if document == nil || len(pairs) == 0 {
		return document
	}
	changed, err := NewDocument(document.kind, strings.NewReplacer(pairs...).Replace(document.Text))
	if err != nil {
		// Names are all that changed, so this cannot be; if it were, nobody
		// that the policy names would be let in.
		return &Document{Text: document.Text, kind: document.kind, compiled: tx.nothing}
	}
	return changed
}

func quoted(s string) string {
	text, _ := json.Marshal(s) // a string cannot fail
	return string(text)
}

// nameOf gives the ARN of the user or role with an ID, or the ID when it is
// gone. The account is that of the ARN which it had.
func (tx *Tx) nameOf(arn, id string) string {
	account, kind, _ := SplitARN(arn)
	if kind == "user" {
		for user := range tx.Users.All(account) {
			if user.ID == id {
				return user.ARN()
			}
		}
	}
	for role := range tx.Roles.All(account) {
		if role.ID == id {
			return role.ARN()
		}
	}
	return id
}

// Trust gives a role's trust policy as it reads now.
func (tx *Tx) Trust(role *Role) *Document { return tx.Today(role.Trust, role.Principals) }
