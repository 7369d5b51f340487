package doctor

import "slices"

// CauseCode names a cause. Codes are stable.
type CauseCode string

// Ours reports whether the cause is Windlass itself or its connection to AWS.
// Such a cause proves nothing about the role.
func (c CauseCode) Ours() bool {
	return slices.Contains([]CauseCode{
		CauseUnreachable, CauseWrongEndpoint, CauseClockSkew, CauseThrottled, CauseOwnKeys, CauseOwnRoot,
		CauseOwnPolicy,
		CausePrincipal, CauseSTSRegion, CauseSessionOver, CauseSealed,
	}, c)
}

// The causes.
const (
	// Windlass itself, or its connection to AWS.
	CauseUnreachable   CauseCode = "unreachable"     // no response
	CauseWrongEndpoint CauseCode = "wrong-endpoint"  // the address belongs to another service
	CauseClockSkew     CauseCode = "clock-skew"      // our clock is wrong
	CauseThrottled     CauseCode = "throttled"       // too many calls
	CauseOwnKeys       CauseCode = "own-credentials" // AWS rejects our credentials
	CauseOwnRoot       CauseCode = "own-root"        // we use the root user, which can't assume roles
	CauseOwnPolicy     CauseCode = "own-policy"      // our own policy doesn't allow sts:AssumeRole
	CausePrincipal     CauseCode = "principal-changed"
	CauseSTSRegion     CauseCode = "sts-region-disabled"
	CauseSessionOver   CauseCode = "session-over" // a new session has already expired

	// The access key.
	CauseAccessKey   CauseCode = "access-key"    // the service rejects it
	CauseSealed      CauseCode = "secret-sealed" // its secret can't be decrypted
	CauseLongTermKey CauseCode = "long-term-key" // a role would be better

	// The trust policy.
	CauseRoleARN          CauseCode = "role-arn"
	CauseRoleMissing      CauseCode = "role-missing"
	CauseRoleOtherAccount CauseCode = "role-other-account"
	CauseTrustRefuses     CauseCode = "trust-refuses" // AWS doesn't say more across accounts
	CauseTrustPrincipal   CauseCode = "trust-wrong-principal"
	CauseTrustExternalID  CauseCode = "trust-wrong-external-id"
	CauseTrustPlaceholder CauseCode = "trust-placeholder" // principal and External ID are wrong
	CauseTrustDeny        CauseCode = "trust-explicit-deny"
	CauseTrustCondition   CauseCode = "trust-other-condition"
	CauseTrustAction      CauseCode = "trust-action"
	CauseTrustMissingID   CauseCode = "trust-missing-condition"
	CauseTrustOptionalID  CauseCode = "trust-optional-external-id"
	CauseTrustNextID      CauseCode = "trust-next-external-id"
	CauseTrustOldID       CauseCode = "trust-old-external-id"
	CauseTrustAnyID       CauseCode = "trust-any-external-id"
	CauseTrustVending     CauseCode = "trust-vending"  // sessions can't have a source identity or tags
	CauseTrustAnyName     CauseCode = "trust-any-name" // sessions can have any source identity or tag
	CauseSessionTooLong   CauseCode = "session-too-long"
	CauseRoleChaining     CauseCode = "role-chaining"

	// Permissions and buckets.
	CauseNoLocation       CauseCode = "no-location"
	CauseBucketMissing    CauseCode = "bucket-missing"
	CauseBucketRegion     CauseCode = "bucket-other-region"
	CauseBucketAccount    CauseCode = "bucket-other-account"
	CauseNoPermission     CauseCode = "permission-missing"
	CauseBucketARN        CauseCode = "bucket-arn"            // objects are allowed, listing isn't
	CauseObjectARN        CauseCode = "object-arn"            // listing is allowed, objects aren't
	CausePrefixNoSlash    CauseCode = "prefix-without-slash"  // s3:prefix is "pre", not "pre/*"
	CausePrefixSlash      CauseCode = "prefix-leading-slash"  // s3:prefix is "/pre/*"
	CauseLocationKey      CauseCode = "bucket-location-key"   // s3:GetBucketLocation under s3:prefix
	CauseIdentityDeny     CauseCode = "permission-deny"       // an explicit deny in the role's policy
	CauseBucketPolicyDeny CauseCode = "bucket-policy-deny"    // an explicit deny in the bucket policy
	CauseBoundary         CauseCode = "permissions-boundary"  // the boundary doesn't allow it, or denies it
	CauseControlPolicy    CauseCode = "organization-policy"   // an SCP or RCP
	CauseEndpointPolicy   CauseCode = "vpc-endpoint-policy"   // of Windlass's network
	CauseKMS              CauseCode = "kms-key"               // using the key isn't allowed
	CauseKMSDisabled      CauseCode = "kms-key-disabled"      // nobody can use the key
	CauseArchived         CauseCode = "object-archived"       // in Glacier
	CauseRequesterPays    CauseCode = "requester-pays"        // the bucket requires it
	CauseRefused          CauseCode = "refused"               // by an unknown policy
	CauseEmpty            CauseCode = "empty-location"        // no objects yet
	CauseTooMuchList      CauseCode = "lists-outside"         // listing is allowed outside the locations
	CauseTooMuchGet       CauseCode = "reads-outside"         // reading is allowed outside the locations
	CauseTooMuchPut       CauseCode = "writes"                // writing is allowed
	CauseLeftBehind       CauseCode = "probe-left"            // an object of a check can't be deleted
	CauseUnexpected       CauseCode = "unexpected-answer"     // see the response
	CauseSessionPolicy    CauseCode = "session-policy-failed" // a session policy has no effect
)
