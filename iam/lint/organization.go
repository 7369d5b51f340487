package lint

import "github.com/windlass-io/windlass/iam"

var organizationRules = []rule{
	{of(iam.ResourceControl), (*checker).resourceControl},
}

// resourceControl reports what resource control policies can't have. See
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html.
func (c *checker) resourceControl(s *statement) {
	const code = "rcp-unsupported"
	element := func(name string) string { return s.place.path + "." + name }
	if s.allow {
		c.report(code, place{s.Effect.Position, element("Effect")}, nil,
			"A resource control policy only denies: AWS attaches one that allows everything. Use Deny.")
	}
	for _, p := range s.principals() {
		if p.Value != "*" {
			c.report(code, p.place, nil,
				"The Principal of a resource control policy is always %q. Name callers in a condition on aws:PrincipalArn.",
				"*")
			break
		}
	}
	if s.NotPrincipal != nil {
		c.report(code, place{s.NotPrincipal.Position, element("NotPrincipal")}, nil,
			"A resource control policy can't have NotPrincipal. Use a condition on aws:PrincipalArn.")
	}
	if s.NotAction != nil {
		c.report(code, place{s.NotAction.Position, element("NotAction")}, nil,
			"A resource control policy can't have NotAction. Name the actions, such as s3:*.")
	}
	for _, a := range s.actions {
		if a.Value == "*" {
			c.report(code, a.place, nil,
				"A resource control policy can't have all actions of all services. Name the services, as in s3:*.")
		}
	}
}
