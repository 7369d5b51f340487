package doctor

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/integration/pasted"
	"github.com/windlass-io/windlass/internal/object"
)

// permission evaluates a pasted permission policy.
type permission struct {
	run    *run
	policy *iam.Compiled
}

// allows reports whether the policy allows an action of the role's session on
// a resource in its account.
func (p *permission) allows(action, resource, prefix string) bool {
	role := p.run.i.RoleARN
	request := &iam.Request{
		Principal: p.run.roleSession(), Action: action, Resource: resource, ResourceAccount: role.Account(),
	}
	if action == "s3:ListBucket" {
		request.Context.Set("s3:prefix", prefix)
	}
	return iam.Evaluate(&iam.Policies{Identity: []*iam.Compiled{p.policy}}, request).Allowed()
}

func (r *run) roleSession() iam.Principal {
	return iam.Principal{
		Type: iam.RoleSession, ARN: r.session.ARN, RoleARN: string(r.i.RoleARN), Account: r.i.RoleARN.Account(),
		UserID: r.session.RoleID + ":windlass-verify",
	}
}

// reasonPermission sets the cause of a denied action from the pasted
// permission policy, by evaluating what it allows instead. It returns false
// when there is no such policy, or when it doesn't explain the denial.
func (r *run) reasonPermission(c *Check, action string, location object.Location) bool {
	p := &permission{run: r, policy: pasted.Compile(iam.Identity, r.pasted.Permission)}
	if p.policy == nil {
		return false
	}
	if action == "s3:ListBucket" {
		return p.reasonList(c, location)
	}
	return p.reasonGet(c, location)
}

func (p *permission) reasonList(c *Check, location object.Location) bool {
	r, bucket := p.run, p.run.arn(location.Bucket)
	bare := strings.TrimSuffix(location.Prefix, "/")
	lists := func(resource, prefix string) bool { return p.allows("s3:ListBucket", resource, prefix) }
	switch {
	case lists(bucket, location.Prefix):
		p.blameNotAttached(c)
	case lists(bucket+"/*", location.Prefix) || lists(bucket+"/x", location.Prefix):
		c.blame(CauseBucketARN,
			fmt.Sprintf("The policy allows s3:ListBucket on the bucket's objects (%s/*), but it is an action on the bucket "+
				"itself (%s).", bucket, bucket),
			r.permissionFix("Use the bucket itself as the resource of s3:ListBucket, as in the printed permission policy."))
	case bare != "" && lists(bucket, bare):
		r.blameNoSlash(c, location)
	case bare != "" && lists(bucket, "/"+location.Prefix):
		r.blameSlash(c, location)
	default:
		return p.reasonOtherBucket(c, location)
	}
	return true
}

func (p *permission) reasonGet(c *Check, location object.Location) bool {
	r, bucket := p.run, p.run.arn(location.Bucket)
	bare := strings.TrimSuffix(location.Prefix, "/")
	gets := func(resource string) bool { return p.allows("s3:GetObject", resource, "") }
	switch {
	case gets(bucket + "/" + location.Prefix + "x"):
		p.blameNotAttached(c)
	case gets(bucket) || gets(bucket+"/"+bare) || gets(bucket+"/"+location.Prefix):
		c.blame(CauseObjectARN,
			fmt.Sprintf("The resource of s3:GetObject is incomplete. It must be %s/%s*, with the final /*.", bucket,
				location.Prefix),
			r.permissionFix("Use the objects as the resource of s3:GetObject, as in the printed permission policy."))
	case gets(bucket + "//" + location.Prefix + "x"):
		c.blame(CausePrefixSlash,
			fmt.Sprintf("The resource of s3:GetObject has an extra slash: %s//%s. Keys in S3 don't start with a slash.",
				bucket, location.Prefix),
			r.permissionFix("Remove the leading slash, as in the printed permission policy."))
	default:
		return p.reasonOtherBucket(c, location)
	}
	return true
}

func (p *permission) blameNotAttached(c *Check) {
	c.blame(CauseNoPermission,
		"The pasted permission policy allows this, so it isn't the one that AWS used: it isn't attached to the role, "+
			"or the change is still propagating.",
		p.run.permissionFix("Attach the permission policy to the role."))
}

// reasonOtherBucket sets the cause when the policy is for another bucket.
func (p *permission) reasonOtherBucket(c *Check, location object.Location) bool {
	prefix := "arn:" + p.run.i.RoleARN.Partition() + ":s3:::"
	for _, s := range p.policy.Policy().Statements {
		if s.Resource == nil {
			continue
		}
		for _, value := range s.Resource.Values {
			name, _, _ := strings.Cut(strings.TrimPrefix(value.Value, prefix), "/")
			if name != "" && name != location.Bucket && !strings.ContainsAny(name, "*?$:") {
				c.blame(CauseNoPermission,
					fmt.Sprintf("The permission policy is for the bucket %s, but the location is in %s.", name,
						location.Bucket),
					p.run.permissionFix("Attach the printed permission policy to the role, or correct the location."))
				return true
			}
		}
	}
	return false
}

// warnOfLocationKey warns about s3:GetBucketLocation with a condition on
// s3:prefix, which its requests don't have. A common guide contains this
// mistake. Windlass doesn't call the action.
func (r *run) warnOfLocationKey(c *Check) {
	compiled := pasted.Compile(iam.Identity, r.pasted.Permission)
	if compiled == nil {
		return
	}
	for _, s := range compiled.Policy().Statements {
		if s.Action == nil || !contains(s.Action, "s3:GetBucketLocation") {
			continue
		}
		for _, condition := range s.Conditions {
			if strings.EqualFold(condition.Key.Value, "s3:prefix") &&
				c.worsen(Warn, "The pasted permission policy allows s3:GetBucketLocation in a way that has no effect.") {
				c.blame(CauseLocationKey,
					"The statement for s3:GetBucketLocation has a condition on s3:prefix, which its requests don't have, so AWS always "+
						"denies it. Windlass doesn't need it.",
					r.permissionFix("Remove s3:GetBucketLocation from the statement, as in the printed permission policy. "+
						"Or move it to a statement without the condition."))
			}
		}
	}
}

func contains(list *iam.List, action string) bool {
	for _, value := range list.Values {
		if strings.EqualFold(value.Value, action) {
			return true
		}
	}
	return false
}
