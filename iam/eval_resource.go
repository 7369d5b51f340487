package iam

// grant is an Allow statement that applies.
type grant struct {
	found     bool
	named     grantee // how a resource or trust policy names the caller
	kind      Kind
	policy    int // -1: no policy was needed
	statement int
}

func (g grant) allow(reason Reason) Decision {
	return Decision{Effect: Allow, Reason: reason, Kind: g.kind, Policy: g.policy, Statement: g.statement}
}

// resourceGrant looks for the Allow in the resource's policy that names the
// caller most directly: how it does decides what else has a say.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html#policy-eval-denyallow
func (e *evaluation) resourceGrant() grant { return e.namingGrant(Resource, e.policies.Resource) }

func (e *evaluation) namingGrant(kind Kind, c *Compiled) grant {
	best := grant{kind: kind, statement: -1}
	if c == nil {
		return best
	}
	for i := range c.statements {
		s := &c.statements[i]
		if s.deny {
			continue
		}
		m, named := s.match(e)
		if m.Applies && named > best.named {
			best = grant{found: true, named: named, kind: kind, statement: i}
		}
		if best.named == callerNamed {
			break
		}
	}
	return best
}

// resourceMustAgree is for resources whose policy has a say in their own
// account too: KMS keys.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
func (e *evaluation) resourceMustAgree() bool {
	return e.policies.Resource != nil && e.resource.fields[2] == "kms" && foldPrefix(e.request.Action, "kms:")
}
