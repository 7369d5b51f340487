package iam

// resourceGrant looks for the Allow in the resource's policy that names the
// caller most directly: how it does decides what else has a say.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html#policy-eval-denyallow
func (e *evaluation) resourceGrant() (named grantee, statement int) {
	return e.namingAllow(e.policies.Resource)
}

// namingAllow returns how a policy's Allow statements that apply name the caller
// at best, and the first of them that does.
func (e *evaluation) namingAllow(c *Compiled) (best grantee, statement int) {
	if c == nil {
		return nobody, -1
	}
	for _, s := range c.allows {
		if applies, named := s.match(e, nil); applies && named > best {
			best, statement = named, s.index
		}
		if best == callerNamed {
			break
		}
	}
	return best, statement
}

// resourceMustAgree is for resources whose policy has a say in their own
// account too: KMS keys.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
func (e *evaluation) resourceMustAgree() bool {
	return e.policies.Resource != nil && foldPrefix(e.action.name, "kms:") && arnField(e.request.Resource, 2) == "kms"
}
