package explain

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// fix returns what to change so that the request is allowed.
func (t *narrator) fix() string {
	switch t.decision.Reason {
	case iam.ExplicitlyDenied:
		return t.fixDeny()
	case iam.SessionSilent:
		if len(t.policies.Session) == 0 {
			return "Request the session with a session policy that allows it."
		}
	case iam.TrustSilent:
		if t.policies.Trust == nil {
			return "Add the role's trust policy to the request."
		}
		if t.request.Principal.Type == iam.Root {
			return "Call as an IAM user or a role."
		}
	case iam.ResourceSilent:
		if t.policies.Resource == nil && t.sameAccount() {
			return "Add the key's policy to the request (aws kms get-key-policy shows it). AWS's default key policy " +
				"delegates to identity policies."
		}
	case iam.NoAllow, iam.NoPermissionNeeded, iam.TrustDelegates, iam.TrustGrants, iam.TrustAndIdentityGrant,
		iam.ResourceGrants, iam.IdentityGrants, iam.ResourceAndIdentityGrant, iam.IdentitySilent,
		iam.BoundarySilent, iam.ServiceControlSilent, iam.EndpointSilent:
	}
	policy, nearest := t.nearest()
	if nearest == nil {
		return t.addStatement()
	}
	where := statementName(policy, nearest.Index, nearest.Sid)
	return t.fixNearest(where, nearest)
}

// fixDeny returns the fix for a Deny that applied.
func (t *narrator) fixDeny() string {
	s := t.find(t.decision.Kind, t.decision.Policy, t.decision.Statement)
	where := t.decider()
	source := t.source()
	if source != nil && source.NotPrincipal != nil {
		return t.fixNotPrincipal(where, source.NotPrincipal)
	}
	if s == nil || source == nil || len(source.Conditions) == 0 {
		return fmt.Sprintf("Narrow or remove the Deny in %s. No Allow overrides it.", lowerFirst(where))
	}
	for i := range source.Conditions {
		if fix := protection(&source.Conditions[i], lowerFirst(where)); fix != "" {
			return fix
		}
	}
	c := &source.Conditions[0]
	return fmt.Sprintf(
		"Make the request so that %s doesn't apply (its condition is %s on %s with %s), or narrow that Deny. No "+
			"Allow overrides it.",
		lowerFirst(where),
		c.Operator.Value,
		c.Key.Value,
		quoted(texts(&c.Values)),
	)
}

// source returns the parsed statement that decided.
func (t *narrator) source() *iam.Statement {
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
	case iam.ServiceControl:
		i := d.Policy
		for _, level := range t.policies.ServiceControl {
			if i < len(level) {
				c = level[i]
				break
			}
			i -= len(level)
		}
	case iam.ResourceControl:
		c = t.policies.ResourceControl[d.Policy]
	case iam.Endpoint:
		c = t.policies.Endpoint
	}
	if c == nil {
		return nil
	}
	return &c.Policy().Statements[t.decision.Statement]
}

// nearest returns the Allow that came closest to matching in the policies that
// lack one: the one with the latest first failure. Statements for other
// actions don't count.
func (t *narrator) nearest() (*Policy, *Statement) {
	rank := map[Element]int{Principal: 1, Resource: 2, Condition: 3}
	var policy *Policy
	var nearest *Statement
	for i := range t.trace.Policies {
		p := &t.trace.Policies[i]
		if !t.lacksAllow(p) {
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

// sameAccount reports whether the caller's account owns the resource.
func (t *narrator) sameAccount() bool {
	return t.request.Principal.Account != "" && t.request.Principal.Account == t.request.Owner()
}

// lacksAllow reports whether the request was denied because the policy lacks an
// Allow.
func (t *narrator) lacksAllow(p *Policy) bool {
	if t.decision.Reason == iam.NoAllow && t.sameAccount() {
		return p.Kind == "identity" || p.Kind == "resource"
	}
	if t.decision.Reason == iam.ServiceControlSilent {
		_, from, to := t.silentLevel()
		return p.Kind == "scp" && p.Index >= from && p.Index < to
	}
	return p.Kind == t.trace.Kind && (t.decision.Policy < 0 || t.decision.Policy == p.Index)
}

func (t *narrator) fixNearest(where string, s *Statement) string {
	switch s.Failed {
	case Principal:
		return fmt.Sprintf("Name the caller in the Principal of %s: %s.", lowerFirst(where), t.principalToName())
	case Resource:
		if t.request.Resource == "*" { // it would allow the statement's other actions on every resource
			return t.addStatement()
		}
		return fmt.Sprintf("Add %q to the Resource of %s.", t.request.Resource, lowerFirst(where))
	case Condition:
		return t.fixCondition(where, s)
	case Action:
	}
	return t.addStatement()
}

func (t *narrator) fixCondition(where string, s *Statement) string {
	switch s.Cause {
	case KeyNeverPresent:
		return fmt.Sprintf("Move %s out of %s into one without the condition on %s.", t.request.Action,
			lowerFirst(where), s.Key)
	case KeyAbsent:
		return t.fixAbsent(where, s)
	case KeyPresent:
		return fmt.Sprintf("Make the request without %s, or change the Null condition in %s.", s.Key, lowerFirst(where))
	case VariableUnresolved:
		return fmt.Sprintf(
			"Add a default to the variable in %s, as in ${key, 'default'}, or call as a principal that has the key.",
			lowerFirst(where))
	case SeveralValues:
		return fmt.Sprintf("Use ForAnyValue:%s or ForAllValues:%s in %s.", s.Operator, s.Operator, lowerFirst(where))
	case EmptyValue:
		return fmt.Sprintf("Send a value for %s.", s.Key)
	case ValueDiffers:
	}
	if strings.EqualFold(s.Key, "sts:ExternalId") {
		return fmt.Sprintf("Pass the External ID that %s requires. The one sent is different.", lowerFirst(where))
	}
	if how := provide(s.Key); how != "" {
		return fmt.Sprintf(how+" %s requires %s. If %s should be allowed, add it to that condition.", where, wanted(s),
			quoted(s.Actual))
	}
	return fmt.Sprintf(
		"Make the request with the value of %s that %s requires (%s). If %s should be allowed, add it to that "+
			"condition.",
		s.Key,
		lowerFirst(where),
		wanted(s),
		quoted(s.Actual),
	)
}

// fixAbsent returns how to send a missing key. It never suggests removing the
// condition, which may protect the resource.
func (t *narrator) fixAbsent(where string, s *Statement) string {
	where = lowerFirst(where)
	switch strings.ToLower(s.Key) {
	case "sts:externalid":
		return fmt.Sprintf(
			"Pass the External ID that %s requires with the call (ExternalId of AssumeRole, --external-id of the "+
				"AWS CLI).",
			where,
		)
	case "aws:multifactorauthpresent", "aws:multifactorauthage":
		return fmt.Sprintf("Sign in with MFA, which %s requires.", where)
	case "aws:username":
		return fmt.Sprintf("Call as an IAM user: role sessions have no user name, which %s requires.", where)
	case "s3:prefix":
		return fmt.Sprintf("List with a prefix that %s covers (%s).", where, quoted(s.Wanted))
	}
	if how := provide(s.Key); how != "" {
		return fmt.Sprintf(how+" %s requires %s.", where, wanted(s))
	}
	return fmt.Sprintf("Send %s with the request. The value that %s requires is %s.", s.Key, where, wanted(s))
}

func (t *narrator) addStatement() string {
	switch t.decision.Kind {
	case iam.Resource:
		return fmt.Sprintf("Add a statement to the resource policy that allows %s on %s for %s.", t.request.Action,
			t.request.Resource, t.principalToName())
	case iam.Trust:
		return fmt.Sprintf("Add a statement to the role's trust policy that allows %s for %s.", t.request.Action,
			t.principalToName())
	case iam.Boundary:
		return fmt.Sprintf("Add %s on %s to the permissions boundary.", t.request.Action, t.request.Resource)
	case iam.Session:
		return fmt.Sprintf("Request the session with a session policy that allows %s on %s.", t.request.Action,
			t.request.Resource)
	case iam.ServiceControl:
		return fmt.Sprintf("Ask the organization's administrators to allow %s on %s in a service control policy of %s.",
			t.request.Action, t.request.Resource, t.levelName())
	case iam.Endpoint:
		return fmt.Sprintf("Add a statement to the policy of the VPC endpoint that allows %s on %s for %s.",
			t.request.Action, t.request.Resource, t.principalToName())
	case iam.Identity, iam.ResourceControl:
	}
	return fmt.Sprintf("Add a statement to an identity policy of the caller that allows %s on %s.", t.request.Action,
		t.request.Resource)
}

// principalToName returns the caller as a Principal element names it.
func (t *narrator) principalToName() string {
	p := &t.request.Principal
	switch p.Type {
	case iam.Anonymous:
		return `"*", which allows everyone`
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
