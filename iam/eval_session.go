package iam

// sessionSilent says whether the session was narrowed and none of its session
// policies allows: they are one limit, written in several documents. A
// federated user's session without one is empty. The index is that of the
// silent policy where there is just one, else -1.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
func (e *evaluation) sessionSilent() (int, bool) {
	for _, c := range e.policies.Session {
		if e.firstAllow(c) >= 0 {
			return -1, false
		}
	}
	switch len(e.policies.Session) {
	case 0:
		return -1, e.request.Principal.Type == FederatedUser
	case 1:
		return 0, true
	default:
		return -1, true
	}
}
