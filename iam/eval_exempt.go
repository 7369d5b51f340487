package iam

// noPermissionNeeded is the calls that policies do not govern.
func (e *evaluation) noPermissionNeeded() bool {
	p, action := &e.request.Principal, e.request.Action
	switch {
	case foldPrefix(action, "sts:"):
		// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html:
		// no permissions are required, and a Deny does not stop it.
		// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html:
		// users cannot be kept from calling it by policies.
		return equalFold(action, "sts:GetCallerIdentity") && p.hasIdentity() ||
			equalFold(action, "sts:GetSessionToken") && (p.Type == User || p.Type == Root)
	case p.Type == Root && e.sameAccount():
		// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html:
		// the root user of a bucket's account can always mend the bucket's policy.
		return equalFold(action, "s3:GetBucketPolicy") || equalFold(action, "s3:PutBucketPolicy") || equalFold(action, "s3:DeleteBucketPolicy")
	}
	return false
}

// assumesRole says whether the call makes a session of a role, or is checked
// beside one that does; then the trust policy has its say.
func (e *evaluation) assumesRole() bool {
	action := e.request.Action
	if !foldPrefix(action, "sts:") {
		return false
	}
	return e.policies.Trust != nil || equalFold(action, "sts:AssumeRole") ||
		equalFold(action, "sts:AssumeRoleWithWebIdentity") || equalFold(action, "sts:AssumeRoleWithSAML")
}
