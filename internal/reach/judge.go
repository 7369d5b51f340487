package reach

import (
	"fmt"
	"slices"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/vending/grant"
)

// candidate is a way before its actions are evaluated.
type candidate struct {
	Way
	through *integration.Integration // nil when unknown
	actions []grant.Action           // of the session policy; nil without a session policy
	scope   []object.Location        // of the session policy
}

// sample is the key in a location to evaluate.
const sample = "windlass-reach"

// judge evaluates every action of a candidate.
func (c *candidate) judge() (Way, error) {
	w := c.Way
	w.Actions = map[grant.Action]Answer{}
	for _, action := range grant.Actions() {
		w.Actions[action] = Unknown
	}
	if c.through == nil {
		return w, nil
	}
	policies, err := c.policies()
	if err != nil {
		return Way{}, fmt.Errorf("evaluating %s %s: %w", w.Kind, w.ID, err)
	}
	for _, action := range grant.Actions() {
		request := requestOf(action, w.Location)
		w.Actions[action] = No
		if iam.Evaluate(policies, &request).Allowed() {
			w.Actions[action] = Yes
		}
	}
	return w, nil
}

// policies returns the policies that AWS would evaluate: the role's printed
// permission policy, and the session policy.
func (c *candidate) policies() (*iam.Policies, error) {
	need := generate.Need{
		Locations: places(c.through.Locations), Access: generate.Read, KMSKeyARNs: c.through.KMSKeyARNs,
	}
	if c.through.Access == integration.ReadWrite {
		need.Access = generate.ReadWrite
	}
	permission, err := generate.PermissionPolicy(need)
	if err != nil {
		return nil, err
	}
	policies := &iam.Policies{}
	if policies.Identity, err = compile(iam.Identity, permission); err != nil || c.actions == nil {
		return policies, err
	}
	session, err := generate.ScopePolicy(generate.Scope{
		Locations: places(c.scope), KMSKeyARNs: c.through.KMSKeyARNs,
		List: slices.Contains(c.actions, grant.List), Read: slices.Contains(c.actions, grant.Read),
		Write: slices.Contains(c.actions, grant.Write), Delete: slices.Contains(c.actions, grant.Delete),
	})
	if err != nil {
		return nil, err
	}
	policies.Session, err = compile(iam.Session, []byte(session))
	return policies, err
}

func compile(kind iam.Kind, document []byte) ([]*iam.Compiled, error) {
	policy, err := iam.Parse(kind, document)
	if err != nil {
		return nil, err
	}
	compiled, err := iam.Compile(policy)
	return []*iam.Compiled{compiled}, err
}

func places(locations []object.Location) []generate.Location {
	out := make([]generate.Location, len(locations))
	for i, l := range locations {
		out[i] = generate.Location(l)
	}
	return out
}

// names maps an action to AWS's action.
var names = map[grant.Action]string{
	grant.List: "s3:ListBucket", grant.Read: "s3:GetObject", grant.Write: "s3:PutObject",
	grant.Delete: "s3:DeleteObject",
}

// requestOf returns the request of an action by a role's session. It assumes
// that the bucket is in the role's account, because bucket policies are
// unknown.
func requestOf(action grant.Action, l object.Location) iam.Request {
	const account = "111122223333"
	request := iam.Request{
		Principal: iam.Principal{
			Type: iam.RoleSession, Account: account, RoleARN: "arn:aws:iam::" + account + ":role/windlass",
			ARN: "arn:aws:sts::" + account + ":assumed-role/windlass/session",
		},
		Action: names[action], Resource: "arn:aws:s3:::" + l.Bucket + "/" + l.Prefix + sample, ResourceAccount: account,
	}
	if action == grant.List {
		request.Resource = "arn:aws:s3:::" + l.Bucket
		request.Context.Set("s3:prefix", l.Prefix)
	}
	return request
}
