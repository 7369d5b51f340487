package pasted

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/explain"
)

// unknownDeny returns the condition key on which it depends whether a call is
// denied. It returns "" if the call isn't denied by a Deny statement, if one of
// the Deny statements is certain, or if nothing allows the call without them.
func unknownDeny(policies *iam.Policies, trace *explain.Trace, request *iam.Request) string {
	if trace.Decision != iam.ExplicitDeny {
		return ""
	}
	unknown := ""
	for i := range trace.Policies {
		p := &trace.Policies[i]
		source := policyOf(policies, p.Kind, p.Index)
		for _, s := range p.Statements {
			if s.Effect != "Deny" || !s.Applies || source == nil {
				continue
			}
			key := keyWithoutValue(&source.Policy().Statements[s.Index], request)
			if key == "" {
				return ""
			}
			unknown = key
		}
	}
	if !iam.Evaluate(withoutDenies(policies), request).Allowed() {
		return ""
	}
	return unknown
}

// keyWithoutValue returns the first condition key of a statement of which no
// document shows the value.
func keyWithoutValue(s *iam.Statement, request *iam.Request) string {
	for i := range s.Conditions {
		if key := s.Conditions[i].Key.Value; !request.Context.Has(key) &&
			!slices.Contains(carried, strings.ToLower(key)) {
			return key
		}
	}
	return ""
}

func policyOf(policies *iam.Policies, kind string, index int) *iam.Compiled {
	switch {
	case kind == iam.Identity.String() && index < len(policies.Identity):
		return policies.Identity[index]
	case kind == iam.Session.String() && index < len(policies.Session):
		return policies.Session[index]
	case kind == iam.Resource.String():
		return policies.Resource
	case kind == iam.Trust.String():
		return policies.Trust
	case kind == iam.Boundary.String():
		return policies.Boundary
	}
	return nil
}

// withoutDenies returns the policies with their Allow statements only.
func withoutDenies(policies *iam.Policies) *iam.Policies {
	out := &iam.Policies{
		Resource: allows(policies.Resource), Trust: allows(policies.Trust), Boundary: allows(policies.Boundary),
	}
	for _, p := range policies.Identity {
		out.Identity = append(out.Identity, allows(p))
	}
	for _, p := range policies.Session {
		out.Session = append(out.Session, allows(p))
	}
	return out
}

func allows(c *iam.Compiled) *iam.Compiled {
	if c == nil {
		return nil
	}
	policy := *c.Policy()
	policy.Statements = slices.DeleteFunc(slices.Clone(policy.Statements),
		func(s iam.Statement) bool { return s.Effect.Value == "Deny" })
	compiled, err := iam.Compile(&policy)
	if err != nil {
		return nil
	}
	return compiled
}
