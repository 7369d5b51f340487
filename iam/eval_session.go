package iam

// sessionSilent reports whether the session was narrowed and none of its session
// policies allows: they are one limit, written in several documents. A
// federated user's session without one is empty.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
func (e *evaluation) sessionSilent() bool {
	for _, c := range e.policies.Session {
		if e.firstAllow(c) >= 0 {
			return false
		}
	}
	return len(e.policies.Session) > 0 || e.request.Principal.Type == FederatedUser
}
