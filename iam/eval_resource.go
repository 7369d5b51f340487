package iam

// resourceGrant returns the Allow in the resource's policy that names the
// caller most directly, because that determines which other policies matter.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html#policy-eval-denyallow
func (e *evaluation) resourceGrant() (named grantee, statement int) {
	return e.namingAllow(e.policies.Resource)
}

// namingAllow returns the most direct way in which a policy's Allow statements
// name the caller, and the first statement that does.
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

// resourceMustAgree reports whether the resource's policy must allow requests
// in its own account too, as for KMS keys.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
func (e *evaluation) resourceMustAgree() bool {
	return e.policies.Resource != nil && foldPrefix(e.action.name, "kms:") && arnField(e.request.Resource, 2) == "kms"
}
