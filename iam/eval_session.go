package iam

// sessionSilent reports whether the session has session policies and none of
// them allows the request. Several session policies are one limit, so one of
// them is enough. A federated user's session without session policies has no
// permissions.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
func (e *evaluation) sessionSilent() bool {
	for _, c := range e.policies.Session {
		if e.firstAllow(c) >= 0 {
			return false
		}
	}
	return len(e.policies.Session) > 0 || e.request.Principal.Type == FederatedUser
}
