package iam

// sessionSilent gives the first session policy that does not allow. A
// federated user's session without one is empty.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
func (e *evaluation) sessionSilent() (int, bool) {
	for i, c := range e.policies.Session {
		if e.firstAllow(c) < 0 {
			return i, true
		}
	}
	if len(e.policies.Session) == 0 && e.request.Principal.Type == FederatedUser {
		return -1, true
	}
	return 0, false
}
