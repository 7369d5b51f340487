package iam

import "strings"

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
// in its own account too. That is so for KMS keys: without a key policy that
// allows it, identity policies have no effect, not even a root user's.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
func (e *evaluation) resourceMustAgree() bool {
	return foldPrefix(e.action.name, "kms:") && IsKey(e.request.Resource)
}

// IsKey reports whether an ARN is that of a KMS key. Every key has a policy.
func IsKey(arn string) bool {
	fields, ok := splitARN(arn)
	return ok && fields[2] == "kms" && strings.HasPrefix(fields[5], "key/")
}
