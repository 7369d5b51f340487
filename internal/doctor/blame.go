package doctor

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/internal/object"
)

// told is an answer in a sentence.
func told(f *object.Failure) string {
	switch {
	case f.Unreached != nil:
		return f.Unreached.Message
	case f.Status == 0:
		return fmt.Sprintf("no answer came (%s).", strings.TrimSuffix(f.Message, "."))
	case f.Code == "":
		return fmt.Sprintf("the answer was %d, not in AWS's form.", f.Status)
	case f.Status == 200:
		return fmt.Sprintf("%s.", strings.TrimSuffix(f.Message, "."))
	}
	return fmt.Sprintf("AWS answered %d %s.", f.Status, f.Code)
}

var (
	throttlingCodes = []string{"Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded", "TooManyRequestsException", "SlowDown", "BandwidthLimitExceeded", "PriorRequestNotComplete", "RequestThrottled"}
	clockCodes      = []string{"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"}
	overCodes       = []string{"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"}
	keyCodes        = []string{"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSignatureException", "ExpiredToken", "ExpiredTokenException", "InvalidToken", "IncompleteSignature", "MissingAuthenticationToken", "AuthFailure"}
)

func oneOf(code string, codes []string) bool {
	for _, c := range codes {
		if c == code {
			return true
		}
	}
	return false
}

// blameOurs tells what is wrong with ourselves or with the way to AWS, and
// says whether it is that. Nothing was learned about the role then.
func (r *run) blameOurs(c *Check, f *object.Failure) bool {
	if r.blameAccessKey(c, f) {
		return true
	}
	clock := oneOf(f.Code, clockCodes) || strings.Contains(f.Message, "Signature expired") || strings.Contains(f.Message, "Signature not yet current")
	switch {
	case f.Unreached != nil:
		c.blame(CauseUnreachable, fmt.Sprintf("Windlass can't reach %s.", r.service(f)), &Fix{Text: f.Unreached.Hint})
	case f.Status == 0:
		c.blame(CauseUnreachable, fmt.Sprintf("Windlass cannot reach %s: a network, DNS or proxy problem, or a wrong address.", r.service(f)),
			&Fix{Text: "Look at the way out of the machine that Windlass runs on, and at the configured addresses; then verify again."})
	case oneOf(f.Code, throttlingCodes) || f.Status == 429:
		c.blame(CauseThrottled, fmt.Sprintf("%s answers that there are too many calls.", r.service(f)), &Fix{Text: "Wait a minute, and verify again."})
	case clock:
		c.blame(CauseClockSkew, "The clock of the machine that Windlass runs on is wrong by minutes, so AWS refuses its signatures.", clockFix())
	case f.Status >= 500:
		c.blame(CauseUnreachable, fmt.Sprintf("%s has trouble of its own.", r.service(f)), &Fix{Text: "Wait a minute, and verify again."})
	case f.Code == "" || f.Code == "UnknownError" || f.Code == "MethodNotAllowed" || f.Code == "NotImplemented" || (f.Status == 404 && f.Code == "NotFound"):
		c.blame(CauseWrongEndpoint, fmt.Sprintf("What answers in place of %s does not speak its language: the address is another service's.", r.service(f)), r.endpointFix(f))
	case oneOf(f.Code, overCodes) && !isSTS(f):
		c.blame(CauseSessionOver, fmt.Sprintf("%s says that the session which AWS gave a moment ago is over already: a clock is wrong, there or here.", r.service(f)),
			&Fix{Text: "Verify again; if it stays, have the clock of the machine that Windlass runs on set, or of the service at the integration's endpoint."})
	case oneOf(f.Code, keyCodes) && !isSTS(f):
		c.blame(CauseWrongEndpoint, "The service that answers does not know the keys that AWS gave: it is not the one that the role belongs to.", r.endpointFix(f))
	case oneOf(f.Code, keyCodes):
		c.blame(CauseOwnKeys, "AWS does not take the credentials that Windlass itself has: they are wrong, expired or switched off, or another AWS's than the one at the configured address.",
			&Fix{Text: "Whoever runs this Windlass must give it working credentials."})
	case f.Code == "RegionDisabledException":
		c.blame(CauseSTSRegion, "STS is switched off in the region that Windlass asks, in the account of Windlass or of the role.",
			&Fix{Text: "Switch STS on for that region under IAM, Account settings; or have Windlass ask in another region."})
	default:
		return false
	}
	c.unsure = true
	return true
}

// blameAny tells a cause for an answer that no check expects.
func (r *run) blameAny(c *Check, f *object.Failure) {
	if !r.blameOurs(c, f) {
		c.blame(CauseUnexpected, fmt.Sprintf("AWS gave an answer that is neither a yes nor a refusal: %q.", f.Message), &Fix{Text: "Verify again; if it stays, look at the answer's code."})
	}
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
		return r.ourFix("Take the endpoint out for a bucket of AWS, or correct it.", "endpoint", "", "--endpoint ''")
	}
	return &Fix{Text: "Whoever runs this Windlass must correct the address that stands for AWS in its configuration."}
}

// blamePolicy tells which kind of policy refused, where AWS says so, and says
// whether that was it.
func (r *run) blamePolicy(c *Check, location object.Location, why refusal) bool {
	what := "this"
	if why.action != "" {
		what = why.action
	}
	switch {
	case why.policy == boundaryPolicy:
		c.blame(CauseBoundary, fmt.Sprintf("The role's permissions boundary does not allow %s, whatever its policies grant.", what),
			r.boundaryFix("Let the permissions boundary allow what the permission policy grants, by a new version of it or another boundary."))
	case why.policy == controlPolicy || why.policy == resourceSCP:
		c.blame(CauseControlPolicy, fmt.Sprintf("A policy of the customer's AWS organization (%s) denies %s.", why.policy, what),
			&Fix{Text: "Ask who runs the organization to exempt " + r.holder() + "."})
	case why.policy == endpointPolicy:
		c.blame(CauseEndpointPolicy, fmt.Sprintf("The policy of the VPC endpoint through which Windlass reaches S3 denies %s.", what),
			&Fix{Text: "Whoever runs this Windlass must let the endpoint's policy allow the bucket."})
	case why.policy == resourcePolicy && why.explicit:
		c.blame(CauseBucketPolicyDeny, fmt.Sprintf("A Deny statement of the bucket policy denies %s to the role.", what), r.bucketFix())
	case why.policy == resourcePolicy:
		c.blame(CauseBucketAccount, "The bucket belongs to another account than the role, and its bucket policy does not let the role in.", r.otherAccountFix(location))
	case why.policy == identityPolicy && why.explicit:
		c.blame(CauseIdentityDeny, fmt.Sprintf("A Deny statement of the role's own policies denies %s.", what),
			r.permissionFix("Take the Deny statement away, or exempt the declared location from it; the printed policy has none."))
	default:
		return false
	}
	return true
}
