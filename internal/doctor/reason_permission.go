package doctor

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/integration/pasted"
	"github.com/windlass-io/windlass/internal/object"
)

// permission is a pasted permission policy, asked what it opens.
type permission struct {
	run    *run
	policy *iam.Compiled
}

// allows decides an action of a session of the role on a resource of its
// account.
func (p *permission) allows(action, resource, prefix string) bool {
	role := p.run.i.RoleARN
	request := &iam.Request{Principal: p.run.roleSession(), Action: action, Resource: resource, ResourceAccount: role.Account()}
	if action == "s3:ListBucket" {
		request.Context.Set("s3:prefix", prefix)
	}
	return iam.Evaluate(&iam.Policies{Identity: []*iam.Compiled{p.policy}}, request).Allowed()
}

func (r *run) roleSession() iam.Principal {
	return iam.Principal{Type: iam.RoleSession, ARN: r.session.ARN, RoleARN: string(r.i.RoleARN), Account: r.i.RoleARN.Account(), UserID: r.session.RoleID + ":windlass-verify"}
}

// reasonPermission tells from the pasted permission policy why a location was
// refused, by asking it what it allows instead; false when there is none, or
// when it says nothing that AWS's answers do not.
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
		p.notAttached(c)
	case lists(bucket+"/*", location.Prefix) || lists(bucket+"/x", location.Prefix):
		c.blame(CauseBucketARN, fmt.Sprintf("The policy allows s3:ListBucket on the bucket's objects (%s/*); it is an action on the bucket itself (%s).", bucket, bucket),
			r.permissionFix("Make the bucket itself the resource of s3:ListBucket, as in the printed permission policy."))
	case bare != "" && lists(bucket, bare):
		c.blame(CausePrefixNoSlash, fmt.Sprintf("The policy's condition on s3:prefix allows %q and not %q: the final slash, and the * behind it, are missing.", bare, location.Prefix),
			r.permissionFix(fmt.Sprintf("Make the condition StringLike with %q, as in the printed permission policy.", location.Prefix+"*")))
	case bare != "" && lists(bucket, "/"+location.Prefix):
		c.blame(CausePrefixSlash, fmt.Sprintf("The policy's condition on s3:prefix begins with a slash (%q); keys in S3 do not.", "/"+location.Prefix),
			r.permissionFix("Leave the leading slash out, as in the printed permission policy."))
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
		p.notAttached(c)
	case gets(bucket) || gets(bucket+"/"+bare) || gets(bucket+"/"+location.Prefix):
		c.blame(CauseObjectARN, fmt.Sprintf("The resource of s3:GetObject lacks its end: it must be %s/%s*, with the final /*.", bucket, location.Prefix),
			r.permissionFix("Make the objects the resource of s3:GetObject, as in the printed permission policy."))
	case gets(bucket + "//" + location.Prefix + "x"):
		c.blame(CausePrefixSlash, fmt.Sprintf("The resource of s3:GetObject has a slash too many: %s//%s; keys in S3 do not begin with one.", bucket, location.Prefix),
			r.permissionFix("Leave the leading slash out, as in the printed permission policy."))
	default:
		return p.reasonOtherBucket(c, location)
	}
	return true
}

func (p *permission) notAttached(c *Check) {
	c.blame(CauseNoPermission, "The pasted permission policy would allow it, so it is not what the role has: it is not attached, or the edit is still spreading.",
		p.run.permissionFix("Attach the permission policy to the role."))
}

// reasonOtherBucket says when the policy is for another bucket.
func (p *permission) reasonOtherBucket(c *Check, location object.Location) bool {
	prefix := "arn:" + p.run.i.RoleARN.Partition() + ":s3:::"
	for _, s := range p.policy.Policy().Statements {
		if s.Resource == nil {
			continue
		}
		for _, value := range s.Resource.Values {
			name, _, _ := strings.Cut(strings.TrimPrefix(value.Value, prefix), "/")
			if name != "" && name != location.Bucket && !strings.ContainsAny(name, "*?$:") {
				c.blame(CauseNoPermission, fmt.Sprintf("The permission policy is for the bucket %s, and the location is in %s.", name, location.Bucket),
					p.run.permissionFix("Give the role the printed permission policy; or correct the location."))
				return true
			}
		}
	}
	return false
}

// warnOfLocationKey tells of the first seed's slip: s3:GetBucketLocation under
// a condition on s3:prefix, which its requests never carry. Windlass does not
// call it, so it harms others alone.
func (r *run) warnOfLocationKey(c *Check) {
	compiled := pasted.Compile(iam.Identity, r.pasted.Permission)
	if compiled == nil {
		return
	}
	for _, s := range compiled.Policy().Statements {
		if s.Action == nil || !names(s.Action, "s3:GetBucketLocation") {
			continue
		}
		for _, condition := range s.Conditions {
			if strings.EqualFold(condition.Key.Value, "s3:prefix") && c.worsen(Warn, "The pasted permission policy grants s3:GetBucketLocation in a way that never applies.") {
				c.blame(CauseLocationKey, "s3:GetBucketLocation stands under a condition on s3:prefix, a key that its requests never carry, so it is always refused. Windlass does not need it.",
					r.permissionFix("Take s3:GetBucketLocation out of the statement, as in the printed permission policy; or give it a statement without the condition."))
			}
		}
	}
}

func names(list *iam.List, action string) bool {
	for _, value := range list.Values {
		if strings.EqualFold(value.Value, action) {
			return true
		}
	}
	return false
}
