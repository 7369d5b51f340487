package front

import (
	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/grants"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// PolicyOf returns a bucket's policy with its current principals, or nil.
func (c *Call) PolicyOf(bucket *s3store.Bucket) *directory.Document {
	settings := bucket.Settings()
	document := settings.Document()
	if len(settings.Principals) == 0 {
		return document
	}
	_ = c.Config.Directory.View(func(tx *directory.Tx) error { // fn returns no error
		document = tx.Today(document, settings.Principals)
		return nil
	})
	return document
}

// AllowBucket decides an action on the bucket.
func (c *Call) AllowBucket(action string, keys ...authz.Key) error {
	return c.Allow(action, c.BucketARN(), c.Bucket, keys...)
}

// AllowObject decides an action on the object.
func (c *Call) AllowObject(action string, keys ...authz.Key) error {
	return c.Allow(action, c.ObjectARN(), c.Bucket, keys...)
}

// Allow decides an action on a resource. It returns the error for a denied
// call.
func (c *Call) Allow(action, resource string, bucket *s3store.Bucket, keys ...authz.Key) error {
	request, decision := c.Decide(action, resource, bucket, keys...)
	if decision.Allowed() {
		return nil
	}
	return c.Denial(request, decision)
}

// Decide decides an action on a resource. It returns the call along with the
// decision.
func (c *Call) Decide(action, resource string, bucket *s3store.Bucket, keys ...authz.Key) (*authz.Call, iam.Decision) {
	request := c.AuthzCall(action, resource, bucket, keys...)
	return request, c.Config.Authorizer.Decide(c.Context, request)
}

// AuthzCall returns the call to authorize an action on a resource.
func (c *Call) AuthzCall(action, resource string, bucket *s3store.Bucket, keys ...authz.Key) *authz.Call {
	request := &authz.Call{
		Caller: c.Caller, Request: c.Request, RequestID: c.RequestID, Region: c.Region,
		Action: "s3:" + action, Resource: resource, Keys: append(c.commonKeys(), keys...),
	}
	request.ResourceAccount = c.Caller.Account
	if bucket != nil {
		document := c.PolicyOf(bucket)
		request.Policy = document.Compiled()
		if block := bucket.Settings().PublicBlock; block != nil && block.RestrictPublicBuckets &&
			c.Caller.Account != bucket.Account &&
			grants.IsPublic(document.Policy()) {
			request.Policy = nil // Block Public Access restricts a public policy to the account
		}
		request.Policy, request.ResourceAccount = grants.WithACL(request.Action, bucket, c.Version, request.Policy)
		request.Keys = append(request.Keys, authz.K("s3:ResourceAccount", request.ResourceAccount))
	}
	return request
}

// Denial returns the error for a denied call. As in S3, only callers from the
// bucket's own account get the reason.
func (c *Call) Denial(request *authz.Call, decision iam.Decision) error {
	if c.Caller.Account == "" || c.Caller.Account != request.ResourceAccount {
		return s3error.AccessDenied("Access Denied")
	}
	return s3error.AccessDenied("User: %s is not authorized to perform: %s on resource: %q%s",
		c.Caller.ARN, request.Action, request.Resource, authz.Because(request, decision))
}
