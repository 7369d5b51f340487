package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/object"
)

// describe describes a failed call in a sentence.
func describe(f *object.Failure) string {
	switch {
	case f.Unreached != nil:
		return f.Unreached.Message
	case f.Status == 0:
		return fmt.Sprintf("no response (%s).", strings.TrimSuffix(f.Message, "."))
	case f.Code == "":
		return fmt.Sprintf("the response has status %d and isn't in AWS's format.", f.Status)
	case f.Status == 200:
		return fmt.Sprintf("%s.", strings.TrimSuffix(f.Message, "."))
	}
	return fmt.Sprintf("AWS returned %d %s.", f.Status, f.Code)
}

var (
	throttlingCodes = []string{
		"Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded", "TooManyRequestsException",
		"SlowDown", "BandwidthLimitExceeded", "PriorRequestNotComplete", "RequestThrottled",
	}
	clockCodes   = []string{"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"}
	expiredCodes = []string{"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"}
	keyCodes     = []string{
		"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch",
		"InvalidSignatureException", "ExpiredToken", "ExpiredTokenException", "InvalidToken", "IncompleteSignature",
		"MissingAuthenticationToken", "AuthFailure",
	}
	// of services that aren't S3 or STS
	foreignCodes = []string{"", "UnknownError", "MethodNotAllowed", "NotImplemented"}
)

// blameOurs sets the cause when the fault is Windlass's own, or on the way to
// AWS, and reports whether it is. Such a failure proves nothing about the role.
func (r *run) blameOurs(c *Check, f *object.Failure) bool {
	if r.blameAccessKey(c, f) {
		return true
	}
	if r.blameConnection(c, f) || r.blameCredentials(c, f) {
		c.unsure = true
		return true
	}
	return false
}

// blameConnection sets the cause when no valid response arrived.
func (r *run) blameConnection(c *Check, f *object.Failure) bool {
	service := r.service(f)
	retry := &Fix{Text: "Wait a minute, then verify again."}
	switch {
	case f.Unreached != nil:
		c.blame(CauseUnreachable, fmt.Sprintf("Windlass can't reach %s.", service), &Fix{Text: f.Unreached.Hint})
	case f.Status == 0:
		c.blame(CauseUnreachable,
			fmt.Sprintf("Windlass can't reach %s: a network, DNS or proxy problem, or a wrong address.", service),
			&Fix{Text: "Check the network connection of Windlass's machine and the configured addresses. Then verify again."})
	case slices.Contains(throttlingCodes, f.Code) || f.Status == 429:
		c.blame(CauseThrottled, fmt.Sprintf("%s throttles requests.", service), retry)
	case isClockSkew(f):
		c.blame(CauseClockSkew,
			"The clock of Windlass's machine is off by minutes, so AWS rejects its signatures.", clockFix())
	case f.Status >= 500:
		c.blame(CauseUnreachable, fmt.Sprintf("%s has an internal error.", service), retry)
	case slices.Contains(foreignCodes, f.Code) || f.Status == 404 && f.Code == "NotFound":
		c.blame(CauseWrongEndpoint,
			fmt.Sprintf("The response isn't from %s: the configured address belongs to another service.", service),
			r.endpointFix(f))
	default:
		return false
	}
	return true
}

func isClockSkew(f *object.Failure) bool {
	return slices.Contains(clockCodes, f.Code) ||
		strings.Contains(f.Message, "Signature expired") || strings.Contains(f.Message, "Signature not yet current")
}

// blameCredentials sets the cause when credentials aren't accepted.
func (r *run) blameCredentials(c *Check, f *object.Failure) bool {
	switch {
	case slices.Contains(expiredCodes, f.Code) && !isSTS(f):
		c.blame(CauseSessionOver,
			fmt.Sprintf("%s says that a new session has already expired: its clock or ours is wrong.", r.service(f)),
			&Fix{Text: "Verify again. If it happens again, correct the clock of Windlass's machine, " +
				"or of the service at the integration's endpoint."})
	case slices.Contains(keyCodes, f.Code) && !isSTS(f):
		c.blame(CauseWrongEndpoint,
			"The service doesn't know the role's credentials: it isn't the AWS that the role belongs to.",
			r.endpointFix(f))
	case slices.Contains(keyCodes, f.Code):
		c.blame(CauseOwnKeys,
			"AWS rejects Windlass's own credentials: they are wrong, expired or inactive, or belong to another AWS "+
				"than the one at the configured address.",
			&Fix{Text: "The operator of this Windlass must give it valid credentials."})
	case f.Code == "RegionDisabledException":
		c.blame(CauseSTSRegion,
			"STS is inactive in the region that Windlass uses, in the account of Windlass or of the role.",
			&Fix{Text: "Activate STS for that region under IAM › Account settings, or configure another region for Windlass."})
	default:
		return false
	}
	return true
}

// blameAny sets the cause for a failure that no check expects.
func (r *run) blameAny(c *Check, f *object.Failure) {
	if !r.blameOurs(c, f) {
		c.blame(CauseUnexpected, fmt.Sprintf("AWS returned an unexpected error: %q.", f.Message), unexpectedFix())
	}
}

func unexpectedFix() *Fix {
	return &Fix{Text: "Verify again. If it happens again, look up the error code."}
}

func isSTS(f *object.Failure) bool {
	return f.Operation == "AssumeRole" || f.Operation == "GetCallerIdentity" || strings.HasPrefix(f.Operation, "sts:")
}

func (r *run) service(f *object.Failure) string {
	switch {
	case isSTS(f):
		return "AWS STS"
	case r.i.Endpoint != "":
		return r.i.Endpoint
	}
	return "Amazon S3"
}

func (r *run) endpointFix(f *object.Failure) *Fix {
	if !isSTS(f) && r.i.Endpoint != "" {
		return r.ourFix("Remove the endpoint for a bucket on AWS, or correct it.", "endpoint", "", "--endpoint ''")
	}
	return &Fix{Text: "The operator of this Windlass must correct the address of AWS in its configuration."}
}

// blamePolicy sets the cause when AWS says which kind of policy denied the
// call, and reports whether it does.
func (r *run) blamePolicy(c *Check, location object.Location, why refusal) bool {
	what, w := cmp.Or(why.action, "this"), r.words()
	switch {
	case why.policy == boundaryPolicy:
		c.blame(CauseBoundary,
			fmt.Sprintf("%s doesn't allow %s, whatever its policies allow.", capitalized(w.boundary), what),
			r.boundaryFix("Allow in the permissions boundary what the permission policy allows, "+
				"with a new version of it or another boundary."))
	case why.policy == controlPolicy || why.policy == resourceSCP:
		c.blame(CauseControlPolicy,
			fmt.Sprintf("A policy of the customer's AWS organization (%s) denies %s.", why.policy, what),
			&Fix{Text: "Ask the administrators of the organization to exempt " + r.holder() + "."})
	case why.policy == endpointPolicy:
		c.blame(CauseEndpointPolicy,
			fmt.Sprintf("The policy of the VPC endpoint that Windlass uses for S3 denies %s.", what),
			&Fix{Text: "The operator of this Windlass must allow the bucket in the endpoint's policy."})
	case why.policy == resourcePolicy && why.explicit:
		c.blame(CauseBucketPolicyDeny,
			fmt.Sprintf("A Deny statement of the bucket policy denies %s to %s.", what, w.holder), r.bucketFix())
	case why.policy == resourcePolicy:
		c.blame(CauseBucketAccount,
			fmt.Sprintf("The bucket belongs to another account than %s, and the bucket policy doesn't allow access from there.",
				w.holder), r.otherAccountFix(location))
	case why.policy == identityPolicy && why.explicit:
		c.blame(CauseIdentityDeny, fmt.Sprintf("A Deny statement of the policies of %s denies %s.", w.holder, what),
			r.permissionFix("Remove the Deny statement, or exempt the declared location from it."))
	default:
		return false
	}
	return true
}
