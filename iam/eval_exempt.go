package iam

// noPermissionNeeded reports whether the call is one that policies don't govern.
func (e *evaluation) noPermissionNeeded() bool {
	p, name := &e.request.Principal, e.action.name
	switch {
	case e.action.isSTS():
		// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html:
		// no permissions are required, and a Deny has no effect.
		// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html:
		// policies can't prevent users from calling it.
		return equalFold(name, "sts:GetCallerIdentity") && p.hasIdentity() ||
			equalFold(name, "sts:GetSessionToken") && (p.Type == User || p.Type == Root)
	case p.Type == Root && e.sameAccount:
		// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html:
		// the root user of a bucket's account can always change the bucket's policy.
		return equalFold(name, "s3:GetBucketPolicy") || equalFold(name, "s3:PutBucketPolicy") ||
			equalFold(name, "s3:DeleteBucketPolicy")
	}
	return false
}

// assumesRole reports whether the call creates a session of a role, or is
// authorized together with one that does, so that the trust policy applies.
func (e *evaluation) assumesRole() bool {
	if !e.action.isSTS() {
		return false
	}
	name := e.action.name
	return e.policies.Trust != nil || equalFold(name, "sts:AssumeRole") ||
		equalFold(name, "sts:AssumeRoleWithWebIdentity") || equalFold(name, "sts:AssumeRoleWithSAML")
}
