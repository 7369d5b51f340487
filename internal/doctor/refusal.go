package doctor

import (
	"regexp"
	"strings"

	"github.com/windlass-io/windlass/internal/object"
)

// refusal is the information in AWS's message about a denied call. AWS says
// which kind of policy denied it if caller and resource are in the same
// account. Otherwise, refusal is the zero value.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
type refusal struct {
	action   string // "s3:GetObject"; empty when the message has none
	resource string // ARN
	explicit bool   // a Deny statement
	policy   policyKind
}

// policyKind is the kind of policy that denied the call.
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

// readRefusal parses AWS's message.
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
