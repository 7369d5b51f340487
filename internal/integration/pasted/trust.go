package pasted

import (
	"fmt"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// mayAssume is Windlass's own policy, for the evaluation.
const mayAssume = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole","sts:SetSourceIdentity","sts:TagSession"],"Resource":"*"}]}`

// Trust evaluates a trust policy.
type Trust struct {
	policy   *iam.Compiled
	ours     *iam.Compiled
	role     string // ARN
	account  string // of the role
	us       string // ARN
	expected string // External ID
}

// ReadTrust parses the trust policy of a role. It returns false if the document
// isn't a trust policy.
func ReadTrust(document []byte, roleARN, principalARN, externalID string) (*Trust, bool) {
	return newTrust(Compile(iam.Trust, document), roleARN, principalARN, externalID)
}

func newTrust(policy *iam.Compiled, roleARN, principalARN, externalID string) (*Trust, bool) {
	ours := Compile(iam.Identity, []byte(mayAssume))
	if policy == nil || ours == nil {
		return nil, false
	}
	t := &Trust{policy: policy, ours: ours, role: roleARN, us: principalARN, expected: externalID}
	if parts := strings.SplitN(roleARN, ":", 6); len(parts) == 6 {
		t.account = parts[4]
	}
	return t, true
}

// Compile parses a document. It returns nil if the document is invalid.
func Compile(kind iam.Kind, document []byte) *iam.Compiled {
	if len(document) == 0 {
		return nil
	}
	policy, err := iam.Parse(kind, document)
	if err != nil {
		return nil
	}
	compiled, err := iam.Compile(policy)
	if err != nil {
		return nil
	}
	return compiled
}

// policies returns the policies for an evaluation of AssumeRole.
func (t *Trust) policies() *iam.Policies {
	return &iam.Policies{Identity: []*iam.Compiled{t.ours}, Trust: t.policy}
}

// request returns the request for an action on the role. externalID may be empty.
func (t *Trust) request(principal iam.Principal, action, externalID string) iam.Request {
	r := iam.Request{Principal: principal, Action: action, Resource: t.role, ResourceAccount: t.account}
	if externalID != "" {
		r.Context.Set("sts:ExternalId", externalID)
	}
	r.Context.Set("sts:RoleSessionName", "windlass-verify")
	r.AddGlobalKeys()
	return r
}

// Admits evaluates AssumeRole for a principal with an External ID.
func (t *Trust) Admits(principal iam.Principal, externalID string) iam.Decision {
	r := t.request(principal, "sts:AssumeRole", externalID)
	return iam.Evaluate(t.policies(), &r)
}

// Us returns Windlass's principal.
func (t *Trust) Us() iam.Principal { return Caller(t.us) }

// Instead returns a principal, an External ID, or both, from the policy with
// which access would be allowed instead of Windlass's. Both are empty if there
// are none.
func (t *Trust) Instead() (principal, externalID string) {
	principals, ids := t.Named()
	for _, id := range ids {
		if t.Admits(t.Us(), id).Allowed() {
			return "", id
		}
	}
	for _, p := range principals {
		if t.Admits(Caller(p), t.expected).Allowed() {
			return p, ""
		}
	}
	for _, p := range principals {
		for _, id := range ids {
			if t.Admits(Caller(p), id).Allowed() {
				return p, id
			}
		}
	}
	return "", ""
}

// Named returns the other principals and External IDs in the policy.
func (t *Trust) Named() (principals, externalIDs []string) {
	for _, s := range t.policy.Policy().Statements {
		if s.Principal != nil {
			for _, entry := range s.Principal.Entries {
				for _, value := range entry.Values.Values {
					if entry.Type.Value == "AWS" && value.Value != t.us {
						principals = append(principals, value.Value)
					}
				}
			}
		}
		for _, c := range s.Conditions {
			for _, value := range c.Values.Values {
				if strings.EqualFold(c.Key.Value, "sts:ExternalId") && value.Value != t.expected {
					externalIDs = append(externalIDs, value.Value)
				}
			}
		}
	}
	return principals, externalIDs
}

// Has reports whether a statement is about an action.
func (t *Trust) Has(action string) bool {
	for _, s := range t.policy.Policy().Statements {
		if s.Action == nil {
			return true // NotAction: whatever it leaves
		}
		for _, a := range s.Action.Values {
			if strings.EqualFold(a.Value, action) || strings.EqualFold(a.Value, "sts:*") || a.Value == "*" {
				return true
			}
		}
	}
	return false
}

// OtherKeys returns the condition keys that are not the External ID's.
func (t *Trust) OtherKeys() []string {
	var keys []string
	for _, s := range t.policy.Policy().Statements {
		for _, c := range s.Conditions {
			if !strings.EqualFold(c.Key.Value, "sts:ExternalId") {
				keys = append(keys, c.Key.Value)
			}
		}
	}
	return keys
}

// Caller returns a caller for a principal in a trust policy. For an account, it
// is a user in it.
func Caller(named string) iam.Principal {
	p := iam.Principal{Type: iam.User, ARN: named}
	parts := strings.SplitN(named, ":", 6)
	if len(parts) < 6 {
		p.Account = named
		p.ARN = "arn:aws:iam::" + named + ":user/somebody"
		return p
	}
	p.Account = parts[4]
	switch {
	case parts[5] == "root":
		p.ARN = strings.TrimSuffix(named, "root") + "user/somebody"
	case strings.HasPrefix(parts[5], "role/"):
		p.Type, p.RoleARN = iam.RoleSession, named
		p.ARN = fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/somebody", parts[1], p.Account,
			parts[5][strings.LastIndexByte(parts[5], '/')+1:])
	}
	return p
}

// namesDeleted reports whether the policy names only principals that were
// deleted: IAM then shows their IDs.
func (t *Trust) namesDeleted() bool {
	principals, _ := t.Named()
	return len(principals) > 0 &&
		!slices.ContainsFunc(principals, func(p string) bool { return !deletedPrincipal.MatchString(p) })
}
