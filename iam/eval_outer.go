package iam

import "strings"

// outer reports whether there are policies of an organization or of an
// endpoint, which most requests don't have.
func (p *Policies) outer() bool {
	return len(p.ServiceControl) > 0 || len(p.ResourceControl) > 0 || p.Endpoint != nil
}

// decideOuter decides what the policies of the organizations and of the VPC
// endpoint deny explicitly. They also limit the calls on bucket policies that a
// root user may otherwise always make:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html.
func (e *evaluation) decideOuter() (v verdict, denied bool) {
	if e.alwaysAnswered() {
		return verdict{}, false
	}
	p := e.policies
	if !e.serviceLinked() {
		for i, c := range p.ResourceControl {
			if s := e.firstDeny(c); s >= 0 {
				return decidedBy(ExplicitlyDenied, ResourceControl, i, s), true
			}
		}
	}
	if e.underServiceControl() {
		i := 0
		for _, level := range p.ServiceControl {
			for _, c := range level {
				if s := e.firstDeny(c); s >= 0 {
					return decidedBy(ExplicitlyDenied, ServiceControl, i, s), true
				}
				i++
			}
		}
	}
	if s := e.firstDeny(p.Endpoint); s >= 0 {
		return decidedBy(ExplicitlyDenied, Endpoint, 0, s), true
	}
	if e.noPermissionNeeded() {
		if reason, kind := e.outerSilent(); reason != NoAllow {
			return noAllow(kind, reason), true
		}
	}
	return verdict{}, false
}

// outerSilent returns the reason if the policies of the caller's organization or
// of the VPC endpoint don't allow the request, or else NoAllow.
func (e *evaluation) outerSilent() (Reason, Kind) {
	if e.underServiceControl() && e.silentLevel() >= 0 {
		return ServiceControlSilent, ServiceControl
	}
	if e.policies.Endpoint != nil && !e.endpointAllows() {
		return EndpointSilent, Endpoint
	}
	return NoAllow, Identity
}

// silentLevel returns the first level of service control policies of which none
// allows the request, or -1.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
func (e *evaluation) silentLevel() int {
	for i, level := range e.policies.ServiceControl {
		allowed := false
		for _, c := range level {
			allowed = allowed || e.firstAllow(c) >= 0
		}
		if !allowed {
			return i
		}
	}
	return -1
}

// endpointAllows reports whether the endpoint's policy allows the request. A
// policy that names an account lets only its root user pass:
// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html.
func (e *evaluation) endpointAllows() bool {
	named, _ := e.namingAllow(e.policies.Endpoint)
	return named > accountNamed || named == accountNamed && e.request.Principal.Type == Root
}

// underServiceControl reports whether service control policies limit the
// caller: an identity of an account that isn't a service-linked role.
func (e *evaluation) underServiceControl() bool {
	return e.request.Principal.hasIdentity() && !e.serviceLinked()
}

// serviceLinked reports whether the caller is a session of a service-linked
// role, which the policies of an organization don't limit.
func (e *evaluation) serviceLinked() bool {
	p := &e.request.Principal
	return p.Type == RoleSession && strings.Contains(p.RoleARN, ":role/aws-service-role/")
}

// alwaysAnswered reports whether the call is sts:GetCallerIdentity or
// sts:GetSessionToken, which no policy can deny.
func (e *evaluation) alwaysAnswered() bool { return e.action.isSTS() && e.noPermissionNeeded() }
