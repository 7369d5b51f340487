package iam

// noPermissionNeeded is the calls that policies do not govern.
func (e *evaluation) noPermissionNeeded() (Decision, bool) {
	p := &e.request.Principal
	action := e.request.Action
	switch {
	// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html:
	// no permissions are required, and a Deny does not stop it.
	case equalFold(action, "sts:GetCallerIdentity"):
		return unsettled(Allow, NoPermissionNeeded), p.hasIdentity()

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html:
	// users cannot be kept from calling it by policies.
	case equalFold(action, "sts:GetSessionToken"):
		return unsettled(Allow, NoPermissionNeeded), p.Type == User || p.Type == Root

	// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html:
	// the root user of a bucket's account can always mend the bucket's policy.
	case p.Type == Root && e.sameAccount():
		mends := equalFold(action, "s3:GetBucketPolicy") || equalFold(action, "s3:PutBucketPolicy") || equalFold(action, "s3:DeleteBucketPolicy")
		return unsettled(Allow, NoPermissionNeeded), mends
	}
	return Decision{}, false
}

// assumesRole says whether the call makes a session of a role, or is checked
// beside one that does; then the trust policy has its say.
func (e *evaluation) assumesRole() bool {
	if !foldPrefix(e.request.Action, "sts:") {
		return false
	}
	if e.policies.Trust != nil {
		return true
	}
	name := e.request.Action[len("sts:"):]
	return equalFold(name, "AssumeRole") || equalFold(name, "AssumeRoleWithWebIdentity") || equalFold(name, "AssumeRoleWithSAML")
}
