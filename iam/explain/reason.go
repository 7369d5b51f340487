package explain

import (
	"fmt"
	"slices"

	"github.com/windlass-io/windlass/iam"
)

// narrator describes a whole decision.
type narrator struct {
	trace    *Trace
	decision iam.Decision
	request  *iam.Request
	policies *iam.Policies
}

// reason returns the reason for the decision, in one sentence.
func (t *narrator) reason() string {
	action, resource := t.request.Action, t.request.Resource
	switch t.decision.Reason {
	case iam.ExplicitlyDenied:
		return fmt.Sprintf("%s denies %s on %s, and a Deny overrides every Allow.", t.decider(), action, resource)
	case iam.NoPermissionNeeded:
		return fmt.Sprintf("%s needs no permission, and no policy can deny it.", action)
	case iam.TrustSilent:
		return t.trustSilent()
	case iam.TrustDelegates:
		return fmt.Sprintf(
			"The role's trust policy delegates to account %s, but no identity policy of the caller allows %s on %s.",
			t.request.Principal.Account, action, resource)
	case iam.TrustGrants:
		return fmt.Sprintf("%s names the caller for %s.", t.decider(), action)
	case iam.TrustAndIdentityGrant:
		return fmt.Sprintf("%s trusts the caller's account, and an identity policy of the caller allows %s.",
			t.decider(), action)
	case iam.ResourceGrants:
		return fmt.Sprintf("%s allows %s and names the caller, which is sufficient.", t.decider(), action)
	case iam.IdentityGrants:
		if t.decision.Policy < 0 {
			return fmt.Sprintf("A root user may call %s in its own account without a policy.", action)
		}
		return fmt.Sprintf("%s allows %s on %s.", t.decider(), action, resource)
	case iam.ResourceAndIdentityGrant:
		return fmt.Sprintf(
			"%s allows %s for the caller or its account, and an identity policy of the caller allows it too: "+
				"between accounts both must allow.",
			t.decider(),
			action,
		)
	case iam.ResourceSilent:
		return t.resourceSilent()
	case iam.IdentitySilent:
		return fmt.Sprintf(
			"The resource's account allows it, but no identity policy of the caller allows %s on %s: between "+
				"accounts both must allow.",
			action,
			resource,
		)
	case iam.BoundarySilent:
		return fmt.Sprintf("Another policy grants it, but the permissions boundary does not allow %s on %s.", action,
			resource)
	case iam.SessionSilent:
		return t.sessionSilent()
	case iam.ServiceControlSilent:
		return fmt.Sprintf(
			"No service control policy of %s allows %s on %s. On each level of the organization one must, whatever "+
				"other policies grant.",
			t.levelName(), action, resource)
	case iam.EndpointSilent:
		return fmt.Sprintf(
			"The request comes through a VPC endpoint whose policy does not allow %s on %s for the caller, whatever "+
				"other policies grant.",
			action, resource)
	case iam.NoAllow:
	}
	return fmt.Sprintf("No statement of any policy allows %s on %s for %s.", action, resource,
		Name(&t.request.Principal))
}

func (t *narrator) trustSilent() string {
	switch {
	case t.policies.Trust == nil:
		return fmt.Sprintf("%s needs the trust policy of %s, but the request has none.", t.request.Action,
			t.request.Resource)
	case t.request.Principal.Type == iam.Root:
		return "A root user can't assume roles, whatever the trust policy says."
	default:
		return fmt.Sprintf("The role's trust policy does not allow this call for %s.", Name(&t.request.Principal))
	}
}

func (t *narrator) sessionSilent() string {
	switch n := len(t.policies.Session); n {
	case 0:
		return "The user's policies grant it, but a federated session without a session policy has no permissions " +
			"of the user."
	case 1:
		return fmt.Sprintf("Another policy grants it, but the session policy does not allow %s on %s.",
			t.request.Action, t.request.Resource)
	default:
		return fmt.Sprintf("Another policy grants it, but none of the %d session policies allows %s on %s.", n,
			t.request.Action, t.request.Resource)
	}
}

func (t *narrator) resourceSilent() string {
	owner := t.request.Owner()
	switch {
	case owner == t.request.Principal.Account && owner != "" && t.policies.Resource == nil:
		return fmt.Sprintf(
			"The key's policy isn't among the policies. Unless the key policy allows %s for the caller or its account, "+
				"identity policies have no effect.",
			t.request.Action,
		)
	case owner == t.request.Principal.Account && owner != "":
		return fmt.Sprintf(
			"The key policy does not allow %s for the caller or its account. Without that, identity policies have "+
				"no effect.",
			t.request.Action,
		)
	case owner == "":
		owner = "(unknown)"
	}
	if t.policies.Resource == nil {
		return fmt.Sprintf(
			"The caller and the resource are in different accounts, and the resource in account %s has no resource "+
				"policy that allows the caller.",
			owner,
		)
	}
	return fmt.Sprintf(
		"The caller and the resource are in different accounts, and the resource policy in account %s does not "+
			"allow the caller to call %s.",
		owner,
		t.request.Action,
	)
}

// silentLevel returns the first level of the organization whose service control
// policies don't allow the request, and the range of their indices.
func (t *narrator) silentLevel() (level, from, to int) {
	for i, policies := range t.policies.ServiceControl {
		to = from + len(policies)
		allowed := false
		for index := from; index < to; index++ {
			if p := t.policy(iam.ServiceControl, index); p != nil {
				allowed = allowed || slices.ContainsFunc(p.Statements,
					func(s Statement) bool { return s.Applies && s.Effect == "Allow" })
			}
		}
		if !allowed {
			return i, from, to
		}
		from = to
	}
	return 0, 0, 0
}

// levelName returns words such as "level 2 of 3 (from the organization's root to
// the account)".
func (t *narrator) levelName() string {
	level, _, _ := t.silentLevel()
	return fmt.Sprintf("level %d of %d (from the organization's root to the account)", level+1,
		len(t.policies.ServiceControl))
}

// decider names the statement that decided.
func (t *narrator) decider() string {
	policy := t.policy(t.decision.Kind, t.decision.Policy)
	if policy == nil {
		policy = &Policy{Kind: t.decision.Kind.String(), Index: t.decision.Policy}
	}
	return statementName(policy, t.decision.Statement, t.sid())
}

func (t *narrator) sid() string {
	if s := t.find(t.decision.Kind, t.decision.Policy, t.decision.Statement); s != nil {
		return s.Sid
	}
	return ""
}

func (t *narrator) find(kind iam.Kind, policy, statement int) *Statement {
	if p := t.policy(kind, policy); p != nil && statement >= 0 && statement < len(p.Statements) {
		return &p.Statements[statement]
	}
	return nil
}

func (t *narrator) policy(kind iam.Kind, index int) *Policy {
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
	switch policy.Kind {
	case "identity", "session", "scp", "rcp":
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
	case "scp":
		return fmt.Sprintf("service control policy %d", index+1)
	case "rcp":
		return fmt.Sprintf("resource control policy %d", index+1)
	case "endpoint":
		return "VPC endpoint policy"
	default:
		return kind + " policy"
	}
}
