// Package iam is the AWS policy language: it reads policies, decides requests
// by AWS's evaluation logic, and says why. It is pure: no I/O, no clock, no
// global that changes, no dependency.
//
// # Three steps
//
// A document becomes a [Policy] by [Parse], a [Compiled] by [Compile], and a
// [Decision] by [Evaluate]:
//
//	policy, err := iam.Parse(iam.Identity, document)
//	compiled, err := iam.Compile(policy)
//	decision := iam.Evaluate(&iam.Policies{Identity: []*iam.Compiled{compiled}}, &request)
//
// Parse refuses what has no meaning and reports every fault at once, each with
// its line and column. Compile refuses what cannot be evaluated, such as an
// operator that does not exist: it is an error that names it, never a quiet
// no. Evaluate always answers, and allocates nothing. A Compiled may be used by
// many goroutines at once.
//
// # What a request says
//
// A [Request] is who ([Principal], most easily by [ParsePrincipal]), what
// (Action), on what (Resource and the account that owns it) and with which
// condition keys ([Context]). A key that was not set is absent, and absence
// counts: positive operators do not hold, negated ones and IfExists do, Null
// asks for it. [Request.AddGlobalKeys] sets the keys that follow from the rest,
// such as aws:PrincipalArn.
//
// # Which policies have a say
//
// [Policies] holds them by [Kind]. A Deny that applies in any of them settles
// it. Otherwise:
//
//   - in one account, an Allow of the resource's policy or of an identity
//     policy is enough. What identity policies grant, and what the resource
//     grants to a role, the permissions boundary must allow as well, and so
//     must one of the session policies. A resource policy that names the user
//     or the session itself, or everyone, is not capped; one that names the
//     account leaves it to identity policies.
//   - between accounts, both sides must allow.
//   - for a call that assumes a role, the role's trust policy must name the
//     caller or its account, in its own account too. Where it names only the
//     account, the caller's identity policies must allow the call.
//
// Where AWS's documents leave a meaning open, an Allow does not apply and a
// Deny does. The rules follow
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html.
//
// # Tools
//
// [ParseDocument] and [FromDocument] read documents that are not valid, for
// tools such as the linter (package lint). [Observe] is [Evaluate] with a
// witness, from which package explain tells a decision to a person.
package iam
