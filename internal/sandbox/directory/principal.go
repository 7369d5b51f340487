package directory

import (
	"encoding/json"
	"iter"
	"regexp"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// Principals are the users and roles that a policy names: the text in the
// policy, and the unique ID at the time the policy was set. AWS keeps the ID: a
// principal that is created again under the same name isn't the same one. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-users.
type Principals map[string]string

// Named resolves the principals of a policy. In the returned policy, users and
// roles named by unique ID have their ARNs, as on AWS. unknown is the first
// principal that doesn't exist; such a policy must not be stored.
func (tx *Tx) Named(document *Document) (named *Document, principals Principals, unknown string) {
	principals, unknown = tx.principals(document.Policy())
	if unknown != "" {
		return nil, nil, unknown
	}
	named = tx.Today(document, principals)
	if named != document {
		principals, unknown = tx.principals(named.Policy())
	}
	return named, principals, unknown
}

func (tx *Tx) principals(policy *iam.Policy) (principals Principals, unknown string) {
	principals = Principals{}
	for value := range principalsIn(policy) {
		id, known := tx.principal(value.Value)
		if !known {
			return nil, value.Value
		}
		if id != "" {
			principals[value.Value] = id
		}
	}
	return principals, ""
}

// principalsIn returns the principals of type AWS that a policy names, as they
// are written.
func principalsIn(policy *iam.Policy) iter.Seq[iam.Text] {
	return func(yield func(iam.Text) bool) {
		for _, s := range policy.Statements {
			for _, element := range []*iam.PrincipalElement{s.Principal, s.NotPrincipal} {
				if element == nil {
					continue
				}
				for _, entry := range element.Entries {
					for _, value := range entry.Values.Values {
						if entry.Type.Value == "AWS" && !yield(value) {
							return
						}
					}
				}
			}
		}
	}
}

// principal reports whether a policy may name this principal, and returns the
// unique ID of a single user or role.
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
	if uniqueID.MatchString(principal) {
		return principal, tx.nameOf(principal) != principal
	}
	account, ok := strings.CutPrefix(principal, "arn:aws:iam::")
	account, root := strings.CutSuffix(account, ":root")
	return "", ok && root && tx.Accounts.Get(account, "") != nil
}

// uniqueID matches the unique IDs of users and roles. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids.
var uniqueID = regexp.MustCompile(`^(AIDA|AROA)[A-Z0-9]+$`)

func (tx *Tx) principalID(arn string) string {
	if user := tx.UserByARN(arn); user != nil {
		return user.ID
	}
	if role := tx.RoleByARN(arn); role != nil {
		return role.ID
	}
	return ""
}

// Today returns a policy with its current principals: a renamed principal has
// its new ARN, a deleted one its unique ID. Conditions don't change.
func (tx *Tx) Today(document *Document, principals Principals) *Document {
	if document == nil || !tx.renamed(principals) {
		return document
	}
	var text strings.Builder
	done := 0
	for value := range principalsIn(document.Policy()) {
		id := principals[value.Value]
		if id == "" || tx.principalID(value.Value) == id {
			continue
		}
		text.WriteString(document.Text[done:value.Position.Offset])
		name, _ := json.Marshal(tx.nameOf(id)) // encoding a string can't fail
		text.Write(name)
		done = value.Position.Offset + written(document.Text[value.Position.Offset:])
	}
	text.WriteString(document.Text[done:])
	changed, err := NewDocument(document.kind, text.String())
	if err != nil {
		// Only names have changed, so this can't happen. If it did, the policy
		// would allow nobody.
		return &Document{Text: document.Text, kind: document.kind, compiled: tx.denyAll}
	}
	return changed
}

// renamed reports whether one of the principals was renamed or deleted.
func (tx *Tx) renamed(principals Principals) bool {
	for name, id := range principals {
		if tx.principalID(name) != id {
			return true
		}
	}
	return false
}

// written returns the length in bytes of the JSON string at the start of a
// text.
func written(text string) int {
	decoder := json.NewDecoder(strings.NewReader(text))
	_, _ = decoder.Token() // can't fail: the policy was parsed before
	return int(decoder.InputOffset())
}

// nameOf returns the ARN of the user or role with a unique ID, or the ID if
// neither exists.
func (tx *Tx) nameOf(id string) string {
	for user := range tx.Users.Every() {
		if user.ID == id {
			return user.ARN()
		}
	}
	for role := range tx.Roles.Every() {
		if role.ID == id {
			return role.ARN()
		}
	}
	return id
}

// Trust returns a role's trust policy with its current principals.
func (tx *Tx) Trust(role *Role) *Document { return tx.Today(role.Trust, role.Principals) }
