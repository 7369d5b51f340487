package explain

import (
	"fmt"

	"github.com/windlass-io/windlass/iam"
)

// teller puts a whole decision into words.
type teller struct {
	trace    *Trace
	decision iam.Decision
	request  *iam.Request
	policies *iam.Policies
}

// reason returns one sentence about what settled the decision.
func (t *teller) reason() string {
	action, resource := t.request.Action, t.request.Resource
	switch t.decision.Reason {
	case iam.ExplicitlyDenied:
		return fmt.Sprintf("%s denies %s on %s, and a Deny outweighs every Allow.", t.settling(), action, resource)
	case iam.NoPermissionNeeded:
		return fmt.Sprintf("%s needs no permission, and no policy can take it away.", action)
	case iam.TrustSilent:
		return t.trustSilent()
	case iam.TrustDelegates:
		return fmt.Sprintf("The role's trust policy leaves it to account %s, and no identity policy of the caller allows %s on %s.", t.request.Principal.Account, action, resource)
	case iam.TrustGrants:
		return fmt.Sprintf("%s names the caller for %s.", t.settling(), action)
	case iam.TrustAndIdentityGrant:
		return fmt.Sprintf("%s trusts the caller's account, and an identity policy of the caller allows %s.", t.settling(), action)
	case iam.ResourceGrants:
		return fmt.Sprintf("%s allows %s and names the caller, which is enough by itself.", t.settling(), action)
	case iam.IdentityGrants:
		if t.decision.Policy < 0 {
			return fmt.Sprintf("A root user may call %s in its own account without a policy.", action)
		}
		return fmt.Sprintf("%s allows %s on %s.", t.settling(), action, resource)
	case iam.ResourceAndIdentityGrant:
		return fmt.Sprintf("%s allows %s to the caller's account or the caller, and an identity policy of the caller allows it as well; between accounts both must.", t.settling(), action)
	case iam.ResourceSilent:
		return t.resourceSilent()
	case iam.IdentitySilent:
		return fmt.Sprintf("The resource's account allows it, but no identity policy of the caller allows %s on %s; between accounts both must.", action, resource)
	case iam.BoundarySilent:
		return fmt.Sprintf("It would be granted, but the permissions boundary does not allow %s on %s.", action, resource)
	case iam.SessionSilent:
		return t.sessionSilent()
	case iam.NoAllow:
	}
	return fmt.Sprintf("No statement of any policy allows %s on %s to %s.", action, resource, Name(&t.request.Principal))
}

func (t *teller) trustSilent() string {
	switch {
	case t.policies.Trust == nil:
		return fmt.Sprintf("%s needs the trust policy of %s, and none was given.", t.request.Action, t.request.Resource)
	case t.request.Principal.Type == iam.Root:
		return "A root user cannot assume a role, whatever the trust policy says."
	default:
		return fmt.Sprintf("The role's trust policy does not let %s in with this call.", Name(&t.request.Principal))
	}
}

func (t *teller) sessionSilent() string {
	switch n := len(t.policies.Session); n {
	case 0:
		return "It would be granted to the user, but a federated session without a session policy has nothing of it."
	case 1:
		return fmt.Sprintf("It would be granted, but the session policy does not allow %s on %s.", t.request.Action, t.request.Resource)
	default:
		return fmt.Sprintf("It would be granted, but none of the %d session policies allows %s on %s.", n, t.request.Action, t.request.Resource)
	}
}

func (t *teller) resourceSilent() string {
	owner := t.request.ResourceAccount
	switch {
	case owner == t.request.Principal.Account && owner != "":
		return fmt.Sprintf("The key policy does not allow %s to the caller or its account, without which identity policies do not count.", t.request.Action)
	case owner == "":
		owner = "that owns the resource"
	}
	if t.policies.Resource == nil {
		return fmt.Sprintf("The caller is of another account than the resource, and account %s has no resource policy that lets it in.", owner)
	}
	return fmt.Sprintf("The caller is of another account than the resource, and the resource policy of account %s does not allow %s to it.", owner, t.request.Action)
}

// settling names the statement that settled the decision.
func (t *teller) settling() string {
	policy := t.policy(t.decision.Kind, t.decision.Policy)
	if policy == nil {
		policy = &Policy{Kind: t.decision.Kind.String(), Index: t.decision.Policy}
	}
	return statementName(policy, t.decision.Statement, t.sid())
}

func (t *teller) sid() string {
	if s := t.find(t.decision.Kind, t.decision.Policy, t.decision.Statement); s != nil {
		return s.Sid
	}
	return ""
}

func (t *teller) find(kind iam.Kind, policy, statement int) *Statement {
	if p := t.policy(kind, policy); p != nil && statement >= 0 && statement < len(p.Statements) {
		return &p.Statements[statement]
	}
	return nil
}

func (t *teller) policy(kind iam.Kind, index int) *Policy {
	for i := range t.trace.Policies {
		if p := &t.trace.Policies[i]; p.Kind == kind.String() && p.Index == index {
			return p
		}
	}
	return nil
}

// statementName returns words such as `Statement 2 ("List") of identity policy 1`.
func statementName(policy *Policy, statement int, sid string) string {
	name := fmt.Sprintf("Statement %d", statement+1)
	if sid != "" {
		name += fmt.Sprintf(" (%q)", sid)
	}
	if policy.Kind == "identity" || policy.Kind == "session" {
		return name + " of " + policy.Name()
	}
	return name + " of the " + policy.Name()
}

// policyName returns words such as "identity policy 1" and "trust policy".
func policyName(kind string, index int) string {
	switch kind {
	case "boundary":
		return "permissions boundary"
	case "identity", "session":
		return fmt.Sprintf("%s policy %d", kind, index+1)
	default:
		return kind + " policy"
	}
}
