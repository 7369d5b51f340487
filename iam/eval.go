package iam

// Policies are the policies that have a say in a request.
type Policies struct {
	// Identity are the caller's identity policies: its own and its groups', or
	// its role's. None means that nothing grants on the caller's side.
	Identity []*Compiled

	// Resource is the resource's policy; nil when it has none.
	Resource *Compiled

	// Trust is the role's trust policy, for the calls that assume a role (the
	// role is the resource); nil for every other call.
	Trust *Compiled

	// Session are the policies passed when the caller's session began. Each of
	// them must allow. None means that the session is not narrowed.
	Session []*Compiled

	// Boundary is the caller's permissions boundary; nil when it has none.
	Boundary *Compiled
}

// Evaluate decides a request by AWS's evaluation logic. What no policy allows
// is denied; a nil policies denies. It allocates nothing, changes nothing, and
// may be called from many goroutines with the same arguments.
func Evaluate(policies *Policies, request *Request) Decision {
	_, _ = policies, request
	return Decision{Effect: ImplicitDeny, Policy: -1, Statement: -1}
}
