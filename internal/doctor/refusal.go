package doctor

import (
	"regexp"
	"strings"

	"github.com/windlass-io/windlass/internal/object"
)

// refusal is what AWS's text says about a refusal. AWS names the kind of
// policy when caller and resource are in one account, which they are once the
// customer's role is assumed; across accounts it says nothing, and refusal is
// the zero value.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
type refusal struct {
	action   string // "s3:GetObject"; empty when AWS does not say
	resource string // ARN
	explicit bool   // a Deny statement
	policy   policyKind
}

// policyKind is the kind of policy that refused.
type policyKind string

const (
	unknownPolicy  policyKind = ""
	identityPolicy policyKind = "identity-based policy"
	resourcePolicy policyKind = "resource-based policy"
	boundaryPolicy policyKind = "permissions boundary"
	sessionPolicy  policyKind = "session policy"
	controlPolicy  policyKind = "service control policy"
	resourceSCP    policyKind = "resource control policy"
	endpointPolicy policyKind = "VPC endpoint policy"
	trustPolicy    policyKind = "role trust policy"
)

var (
	refusedCall = regexp.MustCompile(`is not authorized to perform: ([a-z0-9-]+:[A-Za-z0-9]+)(?: on resource: "?([^"\s]+)"?)?`)
	explicit    = regexp.MustCompile(`with an explicit deny in an? ([A-Za-z -]+?)(?:[.,:]|$)`)
	implicit    = regexp.MustCompile(`because no ([A-Za-z -]+?) allows the`)
)

// readRefusal reads AWS's text.
func readRefusal(f *object.Failure) refusal {
	var r refusal
	if m := refusedCall.FindStringSubmatch(f.Message); m != nil {
		r.action, r.resource = m[1], m[2]
	}
	if m := explicit.FindStringSubmatch(f.Message); m != nil {
		r.explicit, r.policy = true, policyKind(strings.TrimSpace(m[1]))
	} else if m := implicit.FindStringSubmatch(f.Message); m != nil {
		r.policy = policyKind(m[1])
	}
	return r
}
