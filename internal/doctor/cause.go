package doctor

import "slices"

// CauseCode names a cause. Codes are stable.
type CauseCode string

// Ours says whether the cause lies with Windlass itself or on its way to AWS.
// Nothing was learned about the role then.
func (c CauseCode) Ours() bool {
	return slices.Contains([]CauseCode{
		CauseUnreachable, CauseWrongEndpoint, CauseClockSkew, CauseThrottled, CauseOwnKeys, CauseOwnRoot, CauseOwnPolicy,
		CausePrincipal, CauseSTSRegion, CauseSessionOver, CauseSealed,
	}, c)
}

// The causes.
const (
	// Ours, or the way to AWS.
	CauseUnreachable   CauseCode = "unreachable"     // no answer came
	CauseWrongEndpoint CauseCode = "wrong-endpoint"  // who answers is not the service that was meant
	CauseClockSkew     CauseCode = "clock-skew"      // our clock is wrong
	CauseThrottled     CauseCode = "throttled"       // too many calls
	CauseOwnKeys       CauseCode = "own-credentials" // AWS does not take our credentials
	CauseOwnRoot       CauseCode = "own-root"        // we are an account's root, which can assume no role
	CauseOwnPolicy     CauseCode = "own-policy"      // our own policy does not allow sts:AssumeRole
	CausePrincipal     CauseCode = "principal-changed"
	CauseSTSRegion     CauseCode = "sts-region-disabled"
	CauseSessionOver   CauseCode = "session-over" // AWS's own session is over before its time

	// An access key's.
	CauseAccessKey   CauseCode = "access-key"    // the service does not take it
	CauseSealed      CauseCode = "secret-sealed" // its secret cannot be opened here
	CauseLongTermKey CauseCode = "long-term-key" // a role would be better

	// Who gets in.
	CauseRoleARN          CauseCode = "role-arn"
	CauseRoleMissing      CauseCode = "role-missing"
	CauseRoleOtherAccount CauseCode = "role-other-account"
	CauseTrustRefuses     CauseCode = "trust-refuses" // AWS does not tell more across accounts
	CauseTrustPrincipal   CauseCode = "trust-wrong-principal"
	CauseTrustExternalID  CauseCode = "trust-wrong-external-id"
	CauseTrustPlaceholder CauseCode = "trust-placeholder" // both are wrong
	CauseTrustDeny        CauseCode = "trust-explicit-deny"
	CauseTrustCondition   CauseCode = "trust-other-condition"
	CauseTrustAction      CauseCode = "trust-action"
	CauseTrustMissingID   CauseCode = "trust-missing-condition"
	CauseTrustOptionalID  CauseCode = "trust-optional-external-id"
	CauseTrustNextID      CauseCode = "trust-next-external-id"
	CauseTrustAnyID       CauseCode = "trust-any-external-id"
	CauseTrustVending     CauseCode = "trust-vending"  // no session may bear a name
	CauseTrustAnyName     CauseCode = "trust-any-name" // a session may bear any name
	CauseSessionTooLong   CauseCode = "session-too-long"
	CauseRoleChaining     CauseCode = "role-chaining"

	// What is open.
	CauseNoLocation       CauseCode = "no-location"
	CauseBucketMissing    CauseCode = "bucket-missing"
	CauseBucketRegion     CauseCode = "bucket-other-region"
	CauseBucketAccount    CauseCode = "bucket-other-account"
	CauseNoPermission     CauseCode = "permission-missing"
	CauseBucketARN        CauseCode = "bucket-arn"            // objects are granted, listing is not
	CauseObjectARN        CauseCode = "object-arn"            // listing is granted, objects are not
	CausePrefixNoSlash    CauseCode = "prefix-without-slash"  // s3:prefix is "pre", not "pre/*"
	CausePrefixSlash      CauseCode = "prefix-leading-slash"  // s3:prefix is "/pre/*"
	CauseLocationKey      CauseCode = "bucket-location-key"   // s3:GetBucketLocation under s3:prefix
	CauseIdentityDeny     CauseCode = "permission-deny"       // an explicit deny in the role's policy
	CauseBucketPolicyDeny CauseCode = "bucket-policy-deny"    // an explicit deny in the bucket policy
	CauseBoundary         CauseCode = "permissions-boundary"  // the boundary does not allow it, or denies it
	CauseControlPolicy    CauseCode = "organization-policy"   // an SCP or RCP
	CauseEndpointPolicy   CauseCode = "vpc-endpoint-policy"   // of the network that we come from
	CauseKMS              CauseCode = "kms-key"               // the key may not be used
	CauseKMSDisabled      CauseCode = "kms-key-disabled"      // nobody may use it now
	CauseArchived         CauseCode = "object-archived"       // Glacier
	CauseRequesterPays    CauseCode = "requester-pays"        // the bucket demands it
	CauseRefused          CauseCode = "refused"               // AWS does not say by what
	CauseEmpty            CauseCode = "empty-location"        // nothing to read yet
	CauseTooMuchList      CauseCode = "lists-outside"         // more is open than was declared
	CauseTooMuchGet       CauseCode = "reads-outside"         // the same
	CauseTooMuchPut       CauseCode = "writes"                // the same
	CauseLeftBehind       CauseCode = "probe-left"            // a probe's object could not be deleted
	CauseUnexpected       CauseCode = "unexpected-answer"     // see the answer itself
	CauseSessionPolicy    CauseCode = "session-policy-failed" // narrowing does not narrow
)
