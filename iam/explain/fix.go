package explain

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// fix says what to change so that the request is allowed.
func (t *teller) fix() string {
	switch t.decision.Reason {
	case iam.ExplicitlyDenied:
		return t.fixDeny()
	case iam.SessionSilent:
		if len(t.policies.Session) == 0 {
			return "Ask for the session with a session policy that allows it."
		}
	case iam.TrustSilent:
		if t.policies.Trust == nil {
			return "Give the role's trust policy along with the request."
		}
		if t.request.Principal.Type == iam.Root {
			return "Call as an IAM user or a role."
		}
	case iam.NoAllow, iam.NoPermissionNeeded, iam.TrustDelegates, iam.TrustGrants, iam.TrustAndIdentityGrant,
		iam.ResourceGrants, iam.IdentityGrants, iam.ResourceAndIdentityGrant, iam.ResourceSilent, iam.IdentitySilent, iam.BoundarySilent:
	}
	policy, nearest := t.nearest()
	if nearest == nil {
		return t.fixNothingNear()
	}
	where := statementName(policy, nearest.Index, nearest.Sid)
	return t.fixNear(where, nearest)
}

// fixDeny is about the Deny that applied.
func (t *teller) fixDeny() string {
	s := t.find(t.decision.Kind, t.decision.Policy, t.decision.Statement)
	where := t.settling()
	source := t.source()
	if s == nil || source == nil || len(source.Conditions) == 0 {
		return fmt.Sprintf("Narrow or remove the Deny in %s; no Allow outweighs it.", lowerFirst(where))
	}
	for i := range source.Conditions {
		if strings.EqualFold(source.Conditions[i].Key.Value, "aws:SecureTransport") {
			return fmt.Sprintf("Make the request over HTTPS, which %s demands.", lowerFirst(where))
		}
	}
	c := &source.Conditions[0]
	return fmt.Sprintf("Make the request so that %s no longer applies (it does by %s on %s with %s), or narrow that Deny; no Allow outweighs it.",
		lowerFirst(where), c.Operator.Value, c.Key.Value, quoted(texts(&c.Values)))
}

// source returns the statement that settled the decision, as it was read.
func (t *teller) source() *iam.Statement {
	var c *iam.Compiled
	switch d := t.decision; d.Kind {
	case iam.Identity:
		c = t.policies.Identity[d.Policy]
	case iam.Session:
		c = t.policies.Session[d.Policy]
	case iam.Resource:
		c = t.policies.Resource
	case iam.Trust:
		c = t.policies.Trust
	case iam.Boundary:
		c = t.policies.Boundary
	}
	if c == nil {
		return nil
	}
	return &c.Policy().Statements[t.decision.Statement]
}

// nearest finds, among the policies whose silence settled it, the Allow that
// came closest: the one whose first failure is latest. One that is about other
// actions altogether is not near.
func (t *teller) nearest() (*Policy, *Statement) {
	rank := map[Element]int{Principal: 1, Resource: 2, Condition: 3}
	var policy *Policy
	var nearest *Statement
	for i := range t.trace.Policies {
		p := &t.trace.Policies[i]
		if !t.silent(p) {
			continue
		}
		for j := range p.Statements {
			s := &p.Statements[j]
			if s.Effect != "Allow" || s.Applies || rank[s.Failed] == 0 {
				continue
			}
			if nearest == nil || rank[s.Failed] > rank[nearest.Failed] {
				policy, nearest = p, s
			}
		}
	}
	return policy, nearest
}

// silent reports whether a policy is one of those whose silence settled it.
func (t *teller) silent(p *Policy) bool {
	if t.decision.Reason == iam.NoAllow && t.request.Principal.Account == t.request.ResourceAccount {
		return p.Kind == "identity" || p.Kind == "resource"
	}
	return p.Kind == t.trace.Kind && (t.decision.Policy < 0 || t.decision.Policy == p.Index)
}

func (t *teller) fixNear(where string, s *Statement) string {
	switch s.Failed {
	case Principal:
		return fmt.Sprintf("Name the caller in the Principal of %s: %s.", lowerFirst(where), t.principalToName())
	case Resource:
		if t.request.Resource == "*" { // would open every resource to the statement's other actions
			return t.fixNothingNear()
		}
		return fmt.Sprintf("Add %q to the Resource of %s.", t.request.Resource, lowerFirst(where))
	case Condition:
		return t.fixCondition(where, s)
	case Action:
	}
	return t.fixNothingNear()
}

func (t *teller) fixCondition(where string, s *Statement) string {
	switch s.Cause {
	case KeyNeverPresent:
		return fmt.Sprintf("Move %s out of %s into one without the condition on %s.", t.request.Action, lowerFirst(where), s.Key)
	case KeyAbsent:
		return t.fixAbsent(where, s)
	case KeyPresent:
		return fmt.Sprintf("Make the request without %s, or change the Null condition of %s.", s.Key, lowerFirst(where))
	case VariableUnresolved:
		return fmt.Sprintf("Give the variable in %s a default, as in ${key, 'default'}, or call as a principal that has the key.", lowerFirst(where))
	case SeveralValues:
		return fmt.Sprintf("Write ForAnyValue:%s or ForAllValues:%s in %s.", s.Operator, s.Operator, lowerFirst(where))
	case EmptyValue:
		return fmt.Sprintf("Send a value for %s.", s.Key)
	case ValueDiffers:
	}
	if strings.EqualFold(s.Key, "sts:ExternalId") {
		return fmt.Sprintf("Pass the External ID that %s wants; the one sent is another.", lowerFirst(where))
	}
	return fmt.Sprintf("Make the request with %s as %s wants it (%s), or, if %s should be let in, add it to that condition.", s.Key, lowerFirst(where), wanted(s), quoted(s.Actual))
}

// fixAbsent knows how the commonest keys are sent. It never advises to drop a
// condition that guards who gets in.
func (t *teller) fixAbsent(where string, s *Statement) string {
	where = lowerFirst(where)
	switch strings.ToLower(s.Key) {
	case "sts:externalid":
		return fmt.Sprintf("Pass the External ID that %s wants with the call (ExternalId of AssumeRole, --external-id of the AWS CLI).", where)
	case "aws:multifactorauthpresent", "aws:multifactorauthage":
		return fmt.Sprintf("Sign in with MFA, which %s wants.", where)
	case "aws:username":
		return fmt.Sprintf("Call as an IAM user: sessions of roles have no user name, which %s wants.", where)
	case "s3:prefix":
		return fmt.Sprintf("List with a prefix that %s covers (%s).", where, quoted(s.Wanted))
	default:
		return fmt.Sprintf("Make the request carry %s, which %s wants to be %s.", s.Key, where, wanted(s))
	}
}

func (t *teller) fixNothingNear() string {
	switch t.decision.Kind {
	case iam.Resource:
		return fmt.Sprintf("Add a statement to the resource policy that allows %s on %s to %s.", t.request.Action, t.request.Resource, t.principalToName())
	case iam.Trust:
		return fmt.Sprintf("Add a statement to the role's trust policy that allows %s to %s.", t.request.Action, t.principalToName())
	case iam.Boundary:
		return fmt.Sprintf("Add %s on %s to the permissions boundary.", t.request.Action, t.request.Resource)
	case iam.Session:
		return fmt.Sprintf("Begin the session with a session policy that allows %s on %s.", t.request.Action, t.request.Resource)
	case iam.Identity:
	}
	return fmt.Sprintf("Add a statement to an identity policy of the caller that allows %s on %s.", t.request.Action, t.request.Resource)
}

// principalToName is what a Principal element calls the caller.
func (t *teller) principalToName() string {
	p := &t.request.Principal
	switch p.Type {
	case iam.Anonymous:
		return `"*", which opens it to everyone`
	case iam.Service:
		return fmt.Sprintf(`{"Service": %q}`, p.Service)
	case iam.WebIdentity, iam.SAML:
		return fmt.Sprintf(`{"Federated": %q}`, p.Provider)
	case iam.RoleSession:
		if p.RoleARN != "" {
			return fmt.Sprintf(`{"AWS": %q}`, p.RoleARN)
		}
	case iam.User, iam.Root, iam.FederatedUser:
	}
	return fmt.Sprintf(`{"AWS": %q}`, p.ARN)
}

func lowerFirst(text string) string {
	if text == "" {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}
