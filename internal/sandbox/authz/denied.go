package authz

import (
	"net/http"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
)

// Denied returns the AccessDenied error with the message of IAM and STS. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html.
func Denied(call *Call, d iam.Decision) *awserror.Error {
	return awserror.New(
		http.StatusForbidden,
		"AccessDenied",
		"User: %s is not authorized to perform: %s on resource: %s%s",
		name(call.Caller.Principal),
		call.Action,
		call.Resource,
		Because(call, d),
	)
}

// Because returns the kind of policy that denied a call, as AWS names it within
// one account. It is empty for callers from other accounts.
func Because(call *Call, d iam.Decision) string {
	if call.Caller.Account != call.ResourceAccount || d.Reason == iam.TrustSilent || call.Trust != nil {
		return ""
	}
	kind := map[iam.Kind]string{
		iam.Identity: "identity-based policy", iam.Resource: "resource-based policy",
		iam.Trust:   "resource-based policy",
		iam.Session: "session policy", iam.Boundary: "permissions boundary",
		iam.ServiceControl: "service control policy", iam.ResourceControl: "resource control policy",
		iam.Endpoint: "VPC endpoint policy",
	}[d.Kind]
	if d.Effect == iam.ExplicitDeny {
		article := "an"
		if d.Kind != iam.Identity {
			article = "a"
		}
		return " with an explicit deny in " + article + " " + kind
	}
	article := "no "
	return " because " + article + kind + " allows the " + call.Action + " action"
}
