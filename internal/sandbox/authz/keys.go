package authz

import (
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// fill sets the global condition keys, then those of the service. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html.
func fill(keys *iam.Context, call *Call, now time.Time) {
	networkKeys(keys, call, now)
	principalKeys(keys, call)
	if call.ResourceAccount != "" {
		keys.Set("aws:ResourceAccount", call.ResourceAccount)
	}
	for _, key := range call.Keys {
		keys.Set(key.Name, key.Values...)
	}
}

// organizationKeys sets the keys about the organizations of the caller's account and
// of the resource's.
func organizationKeys(keys *iam.Context, g *directory.Guardrails) {
	for _, key := range []Key{
		K("aws:PrincipalOrgID", g.PrincipalOrg), K("aws:PrincipalOrgPaths", g.PrincipalPath),
		K("aws:ResourceOrgID", g.ResourceOrg), K("aws:ResourceOrgPaths", g.ResourcePath),
	} {
		if key.Values[0] != "" {
			keys.Set(key.Name, key.Values...)
		}
	}
}

func networkKeys(keys *iam.Context, call *Call, now time.Time) {
	keys.Set("aws:CurrentTime", now.Format("2006-01-02T15:04:05Z"))
	keys.Set("aws:EpochTime", strconv.FormatInt(now.Unix(), 10))
	keys.Set("aws:ViaAWSService", "false")
	if call.Region != "" {
		keys.Set("aws:RequestedRegion", call.Region)
	}
	r := call.Request
	if r == nil {
		return
	}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		keys.Set("aws:SourceIp", host)
	}
	keys.Set("aws:SecureTransport", strconv.FormatBool(r.TLS != nil))
	if agent := r.UserAgent(); agent != "" {
		keys.Set("aws:UserAgent", agent)
	}
	if referer := r.Referer(); referer != "" {
		keys.Set("aws:Referer", referer)
	}
}

func principalKeys(keys *iam.Context, call *Call) {
	caller := call.Caller
	keys.Set("aws:PrincipalIsAWSService", strconv.FormatBool(caller.Type == iam.Service))
	if caller.Type == iam.Service {
		keys.Set("aws:PrincipalServiceName", caller.Service)
		return
	}
	keys.Set("aws:PrincipalType", principalType(caller.Type))
	if caller.Type == iam.Anonymous {
		return
	}
	keys.Set("aws:PrincipalAccount", caller.Account)
	if caller.Type == iam.RoleSession {
		keys.Set("aws:PrincipalArn", caller.RoleARN)
	} else if caller.ARN != "" {
		keys.Set("aws:PrincipalArn", caller.ARN)
	}
	if caller.UserID != "" {
		keys.Set("aws:userid", caller.UserID)
	}
	if caller.UserName != "" {
		keys.Set("aws:username", caller.UserName)
	}
	for _, tag := range caller.Tags {
		keys.Set("aws:PrincipalTag/"+tag.Key, tag.Value)
	}
	if session := caller.Session; session != nil {
		keys.Set("aws:TokenIssueTime", session.Issued.UTC().Format("2006-01-02T15:04:05Z"))
		keys.Set("aws:MultiFactorAuthPresent", "false")
		if session.SourceIdentity != "" {
			keys.Set("aws:SourceIdentity", session.SourceIdentity)
		}
		if session.Provider != "" {
			keys.Set("aws:FederatedProvider", session.Provider)
			_, url, _ := strings.Cut(session.Provider, ":oidc-provider/")
			keys.Set(url+":sub", session.Subject)
			keys.Set(url+":aud", session.Audience)
		}
	}
}

func principalType(t iam.PrincipalType) string {
	switch t {
	case iam.Root:
		return "Account"
	case iam.User:
		return "User"
	case iam.RoleSession:
		return "AssumedRole"
	case iam.FederatedUser:
		return "FederatedUser"
	default:
		return "Anonymous"
	}
}
