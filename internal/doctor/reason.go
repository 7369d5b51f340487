package doctor

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// mayAssume stands for our own policy, which the customer does not see.
const mayAssume = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`

// compile reads a pasted document; nil when it is none or cannot be read.
func compile(kind iam.Kind, document []byte) *iam.Compiled {
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

// trust is a pasted trust policy, asked whom it lets in.
type trust struct {
	run    *run
	policy *iam.Compiled
	ours   *iam.Compiled
}

// admits decides AssumeRole for a principal with an External ID.
func (t *trust) admits(principal iam.Principal, externalID string) iam.Decision {
	role := t.run.i.RoleARN
	request := &iam.Request{Principal: principal, Action: "sts:AssumeRole", Resource: string(role), ResourceAccount: role.Account()}
	request.Context.Set("sts:ExternalId", externalID)
	request.Context.Set("sts:RoleSessionName", "windlass-verify")
	request.Context.Set("aws:PrincipalArn", principal.ARN)
	request.Context.Set("aws:PrincipalAccount", principal.Account)
	return iam.Evaluate(&iam.Policies{Identity: []*iam.Compiled{t.ours}, Trust: t.policy}, request)
}

// us is who Windlass is, as the trust policy was printed for it.
func (t *trust) us() iam.Principal { return principalOf(t.run.i.PrincipalARN) }

// principalOf makes a caller of what a trust policy names: for an account,
// somebody in it.
func principalOf(named string) iam.Principal {
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
		p.ARN = fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/somebody", parts[1], p.Account, parts[5][strings.LastIndexByte(parts[5], '/')+1:])
	}
	return p
}

// named gives the principals and the External IDs that the policy names.
func (t *trust) named() (principals, externalIDs []string) {
	for _, s := range t.policy.Policy().Statements {
		if s.Principal != nil {
			for _, entry := range s.Principal.Entries {
				for _, value := range entry.Values.Values {
					if entry.Type.Value == "AWS" && value.Value != t.run.i.PrincipalARN {
						principals = append(principals, value.Value)
					}
				}
			}
		}
		for _, c := range s.Conditions {
			for _, value := range c.Values.Values {
				if strings.EqualFold(c.Key.Value, "sts:ExternalId") && value.Value != string(t.run.i.ExternalID) {
					externalIDs = append(externalIDs, value.Value)
				}
			}
		}
	}
	return principals, externalIDs
}

// reasonTrust tells from the pasted trust policy why the role was refused, by
// asking it what it would take to be let in; false when it cannot be read.
func (r *run) reasonTrust(c *Check) bool {
	t := &trust{run: r, policy: compile(iam.Trust, r.pasted.Trust), ours: compile(iam.Identity, []byte(mayAssume))}
	if t.policy == nil || t.ours == nil {
		return false
	}
	ours := string(r.i.ExternalID)
	decision := t.admits(t.us(), ours)
	principals, ids := t.named()
	principal, id := t.first(principals, ids)
	switch {
	case decision.Allowed():
		c.blame(CauseRoleMissing, fmt.Sprintf("The pasted trust policy would let Windlass in, so it is not what the role has: there is no role %s in the account %s, or it has another trust policy, or the edit is still spreading.",
			r.i.RoleARN.Name(), r.i.RoleARN.Account()),
			&Fix{Text: "Compare the role ARN with the role's page in IAM, and give the role's own.", Where: OurSetting})
	case decision.Effect == iam.ExplicitDeny:
		c.blame(CauseTrustDeny, "A Deny statement of the pasted trust policy denies Windlass.",
			r.trustFix("Take the Deny statement away, or exempt Windlass's principal from it."))
	case id != "" && principal == "":
		c.blame(CauseTrustExternalID, fmt.Sprintf("The trust policy demands the External ID %q, and this integration's is %q.", id, ours),
			r.trustFix("Put this integration's External ID into the trust policy."))
	case principal != "" && id == "":
		c.blame(CauseTrustPrincipal, fmt.Sprintf("The trust policy names the principal %s, and Windlass is %s.", principal, r.i.PrincipalARN),
			r.trustFix("Put Windlass's principal into the trust policy."))
	case principal != "":
		c.blame(CauseTrustPlaceholder, fmt.Sprintf("The trust policy still has what the role was made with: the principal %s and the External ID %q.", principal, id),
			r.trustFix("Replace both by Windlass's principal and this integration's External ID."))
	case !t.has("sts:AssumeRole"):
		c.blame(CauseTrustAction, "No statement of the trust policy is about sts:AssumeRole.", r.trustFix("Make the statement's action sts:AssumeRole."))
	default:
		c.blame(CauseTrustCondition, fmt.Sprintf("The trust policy has a condition that Windlass does not meet%s.", t.otherKeys()),
			r.trustFix("Leave the External ID as the only condition."))
	}
	return true
}

// first gives what would be let in in our place: another principal, another
// External ID, or both.
func (t *trust) first(principals, ids []string) (principal, id string) {
	ours := string(t.run.i.ExternalID)
	for _, id := range ids {
		if t.admits(t.us(), id).Allowed() {
			return "", id
		}
	}
	for _, p := range principals {
		if t.admits(principalOf(p), ours).Allowed() {
			return p, ""
		}
	}
	for _, p := range principals {
		for _, id := range ids {
			if t.admits(principalOf(p), id).Allowed() {
				return p, id
			}
		}
	}
	return "", ""
}

func (t *trust) has(action string) bool {
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

// otherKeys names the condition keys that are not the External ID's.
func (t *trust) otherKeys() string {
	var keys []string
	for _, s := range t.policy.Policy().Statements {
		for _, c := range s.Conditions {
			if !strings.EqualFold(c.Key.Value, "sts:ExternalId") {
				keys = append(keys, c.Key.Value)
			}
		}
	}
	if len(keys) == 0 {
		return ""
	}
	return ", on " + strings.Join(keys, ", ")
}
