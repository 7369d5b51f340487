package pasted

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/iam/lint"
)

// Unused names, for calls that must be denied.
const (
	someAccount    = "000000000001" // no account has it
	someExternalID = "0123456789abcdef0123456789abcdef"
)

const whyID = "The External ID prevents another customer of Windlass from using this role. AWS calls this the " +
	"confused deputy problem."

// judgeTrust evaluates the trust policy.
func (j *judge) judgeTrust(document []byte) {
	role := j.wanted.RoleARN
	if role == "" {
		role = "arn:" + j.wanted.Partition + ":iam::" + someAccount + ":role/windlass"
	}
	options := lint.Options{}
	if j.wanted.RoleARN != "" {
		options.Account = strings.SplitN(role, ":", 6)[4]
	}
	t, ok := newTrust(j.read(iam.Trust, TrustPolicy, document, options), role, j.wanted.PrincipalARN,
		j.wanted.ExternalIDs[0])
	if !ok {
		return
	}
	j.askEntrance(t)
	j.askIntruders(t)
	if j.wanted.Vending {
		j.askNames(t)
	}
}

// askEntrance evaluates what Windlass does.
func (j *judge) askEntrance(t *Trust) {
	for n, id := range j.wanted.ExternalIDs {
		a := ask{
			code: "assume", document: TrustPolicy, wanted: true, severity: Missing,
			request: t.request(t.Us(), "sts:AssumeRole", id),
			call:    "assume the role as " + j.wanted.PrincipalARN + " with the External ID " + id,
			message: j.shutOut(t),
			why:     "Without it, nothing can be read or verified: AWS returns AccessDenied without a reason.",
		}
		if n > 0 {
			a.code, a.message = "assume-next", fmt.Sprintf("The trust policy doesn't accept the next External ID, %s.",
				id)
			a.why = "The External ID is being rotated. You can complete the rotation when the role accepts both."
		}
		j.put(t.policies(), a)
	}
}

// shutOut explains why the trust policy doesn't let Windlass in.
func (j *judge) shutOut(t *Trust) string {
	principal, id := t.Instead()
	switch {
	case t.namesDeleted():
		return "The trust policy names the ID of a user or role that was deleted. IAM doesn't match a new principal of the same name."
	case id != "" && principal == "":
		return fmt.Sprintf("The trust policy requires the External ID %q, but this integration's is "+
			"%q.", id, t.expected)
	case principal != "" && id == "":
		return fmt.Sprintf("The trust policy names the principal %s, but Windlass is %s.", principal, t.us)
	case principal != "":
		return fmt.Sprintf("The trust policy still has the values that the role was created with: the principal %s "+
			"and the External ID %q.", principal, id)
	case !t.Has("sts:AssumeRole"):
		return "No statement of the trust policy has the action sts:AssumeRole."
	}
	return "The trust policy doesn't allow Windlass with the External ID."
}

// askIntruders evaluates what nobody should do.
func (j *judge) askIntruders(t *Trust) {
	us := strings.SplitN(t.us, ":", 6)
	neighbour := Caller(strings.Join(us[:5], ":") + ":user/windlass-nobody")
	stranger := Caller("arn:" + us[1] + ":iam::000000000002:user/nobody")
	for _, a := range []ask{
		{
			code: "assume-without-id", severity: Insecure, request: t.request(t.Us(), "sts:AssumeRole", ""), why: whyID,
			call:    "assume the role without an External ID",
			message: "The trust policy lets Windlass in without an External ID.",
		},
		{
			code: "assume-wrong-id", severity: Insecure, request: t.request(t.Us(), "sts:AssumeRole", someExternalID),
			why:     whyID,
			call:    "assume the role with another External ID",
			message: "The trust policy lets Windlass in with any External ID.",
		},
		{
			code: "assume-stranger", severity: Insecure, request: t.request(stranger, "sts:AssumeRole", t.expected),
			call:    "assume the role from an account that is neither Windlass's nor the customer's",
			message: "The trust policy lets in every AWS account that knows the External ID, which isn't a secret.",
			why:     "The principal must be Windlass's own; \"*\" is everyone.",
		},
		{
			code: "assume-neighbour", severity: Excess, request: t.request(neighbour, "sts:AssumeRole", t.expected),
			call:    "assume the role as another user or role of Windlass's account",
			message: "The trust policy names Windlass's whole account, not its principal.",
			why:     "That account has other users and roles that don't need to read this data.",
		},
	} {
		a.document = TrustPolicy
		if j.put(t.policies(), a) && a.code == "assume-without-id" {
			return // this includes the rest
		}
	}
	j.askNamed(t)
}

// askNamed evaluates access of each other principal in the policy.
func (j *judge) askNamed(t *Trust) {
	principals, ids := t.Named()
	j.askIDs(t, ids)
	ours := strings.SplitN(t.us, ":", 6)[4]
	for _, p := range principals {
		caller := Caller(p)
		if deletedPrincipal.MatchString(p) {
			j.find(Finding{
				Code: "principal-deleted", Severity: Advice, Document: TrustPolicy,
				Message: fmt.Sprintf("The trust policy names %s, the ID of a user or role that was deleted.", p),
				Why:     "IAM shows an ID instead of an ARN when the principal no longer exists. A new one with the same name doesn't match it.",
				Fix:     "Remove it. If it stands for Windlass, name " + t.us + " instead.",
			})
			continue
		}
		if p == "*" || caller.Account == ours || caller.Account == "" || strings.ContainsAny(p, "*?") {
			continue // already evaluated
		}
		j.put(t.policies(), ask{
			code: "assume-other", document: TrustPolicy, severity: Excess, request: t.request(caller, "sts:AssumeRole",
				t.expected),
			call: "assume the role as " + p, message: fmt.Sprintf("The trust policy also lets in %s.", p),
			why: "That is your decision, but a role for Windlass alone is easier to review and to remove.",
		})
	}
}

// deletedPrincipal is the form of the unique IDs that IAM shows in place of the
// ARNs of deleted principals.
var deletedPrincipal = regexp.MustCompile(`^A(?:IDA|ROA|GPA|CCA)[A-Z0-9]{12,}$`)

// askIDs evaluates access of Windlass with each other External ID in the policy.
func (j *judge) askIDs(t *Trust, ids []string) {
	for _, id := range ids {
		if !t.Admits(t.Us(), t.expected).Allowed() || slices.Contains(j.wanted.ExternalIDs, id) ||
			strings.ContainsAny(id, "*?") {
			continue // expected, or already evaluated as any other ID
		}
		j.put(t.policies(), ask{
			code: "assume-other-id", document: TrustPolicy, severity: Excess,
			request: t.request(t.Us(), "sts:AssumeRole", id),
			call:    fmt.Sprintf("assume the role with the External ID %q", id),
			message: fmt.Sprintf("The trust policy also accepts the External ID %q, which is not this integration's.",
				id),
			why: "Anyone who has an integration with that ID can use the role through Windlass.",
		})
	}
}

// askNames evaluates whether sessions can have Windlass's source identities and
// tags, and no others.
func (j *judge) askNames(t *Trust) {
	const why = "Without it, a vended session can't carry its user's identity, and AWS refuses it."
	const whyNot = "Your own policies and CloudTrail trust the user that a source identity or tag names."
	for _, a := range []ask{
		{
			code: "vend-identity", wanted: true, call: "give a session a source identity of Windlass's",
			request: t.identity(generate.VendedIdentity + "somebody"),
			message: "The trust policy doesn't allow sts:SetSourceIdentity.", why: why,
		},
		{
			code: "vend-tag", wanted: true, call: "give a session a tag of Windlass's",
			request: t.tag(generate.VendedTag + "grant"), message: "The trust policy doesn't allow sts:TagSession.",
			why: why,
		},
		{
			code: "vend-any-identity", call: "give a session any other source identity",
			request: t.identity("somebody"),
			message: "The trust policy lets Windlass give a session any source identity.", why: whyNot,
		},
		{
			code: "vend-any-tag", call: "give a session any other tag", request: t.tag("team"),
			message: "The trust policy lets Windlass give a session any tag.", why: whyNot,
		},
	} {
		a.document, a.severity = TrustPolicy, Excess
		if a.wanted {
			a.severity = Missing
		}
		j.put(t.policies(), a)
	}
}

func (t *Trust) identity(name string) iam.Request {
	r := t.request(t.Us(), "sts:SetSourceIdentity", t.expected)
	r.Context.Set("sts:SourceIdentity", name)
	return r
}

func (t *Trust) tag(key string) iam.Request {
	r := t.request(t.Us(), "sts:TagSession", t.expected)
	r.Context.Set("aws:TagKeys", key)
	r.Context.Set("aws:RequestTag/"+key, "x")
	return r
}
