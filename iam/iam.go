// Package iam implements the AWS policy language: it parses policies, decides
// requests by AWS's evaluation logic, and explains the decisions. It does no
// I/O, has no mutable globals, and imports only the standard library.
//
// # Three steps
//
// [Parse] turns a document into a [Policy], [Compile] turns that into a
// [Compiled], and [Evaluate] returns a [Decision]:
//
//	policy, err := iam.Parse(iam.Identity, document)
//	compiled, err := iam.Compile(policy)
//	decision := iam.Evaluate(&iam.Policies{Identity: []*iam.Compiled{compiled}}, &request)
//
// Parse rejects invalid documents and reports every problem with its line and
// column. Compile rejects what can't be evaluated, such as an unknown operator:
// it returns an error instead of silently not matching. Evaluate always returns
// a decision and doesn't allocate. A Compiled is safe for concurrent use.
//
// # Requests
//
// A [Request] has the caller ([Principal], usually from [ParsePrincipal]), the
// Action, the Resource and the account that owns it, and the condition keys
// ([Context]). It matters whether a key was set: for an absent key, positive
// operators don't match, negated ones and IfExists do, and Null tests for it.
// [Request.AddGlobalKeys] sets the keys that follow from the other fields, such
// as aws:PrincipalArn.
//
// # Evaluation
//
// [Policies] has the policies by [Kind]. A matching Deny in any of them denies
// the request. Otherwise:
//
//   - in one account, an Allow in the resource's policy or in an identity
//     policy is enough. The permissions boundary and one of the session
//     policies must also allow what identity policies grant, and what the
//     resource policy grants to a role. They don't limit a resource policy that
//     names the user or the session itself, or everyone. One that names the
//     account delegates to identity policies.
//   - between accounts, both sides must allow.
//   - for a call that assumes a role, the role's trust policy must name the
//     caller or its account, even in the same account. If it names only the
//     account, the caller's identity policies must allow the call too.
//
// Policies of an organization (service control and resource control policies) and
// of a VPC endpoint only limit: what they deny or don't allow is denied, whatever
// else grants it.
//
// Where AWS's documentation is ambiguous, an Allow doesn't apply and a Deny does.
// The rules follow
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html.
//
// # Tools
//
// [ParseDocument] and [FromDocument] read invalid documents, for tools such as
// the linter (package lint). [Observe] is [Evaluate] with an observer; package
// explain uses it to explain decisions.
//
// # Stability
//
// The packages iam, iam/explain, iam/generate, iam/lint and iam/reference follow
// semantic versioning with the module. Exported names, finding codes, the order
// and names of kinds, reasons and effects, and the JSON of a trace stay as they
// are within a major version; new ones may be added, so a switch needs a default.
// A decision changes only to match AWS, and the changelog says so. Messages and
// the wording of explanations may change in any version.
package iam
