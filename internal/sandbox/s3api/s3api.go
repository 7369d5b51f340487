// Package s3api answers the S3 REST API over a store. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html.
package s3api

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
	"github.com/windlass-io/windlass/internal/sandbox/sigv2"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

// Config is what the API needs; every field is required.
type Config struct {
	Store      *s3store.Store
	Directory  *directory.Directory
	Authorizer *authz.Authorizer
	Now        func() time.Time
	Region     string // of requests that are not signed
	Buckets    BucketDefaults
}

// BucketDefaults is what a new bucket has when its request does not say. The
// zero value is AWS's own since April 2023: its owner alone owns everything,
// and nothing can be made public.
type BucketDefaults struct {
	Ownership    string // "BucketOwnerEnforced" when empty, "BucketOwnerPreferred", "ObjectWriter"
	PublicAccess bool   // Block Public Access is off
}

// API answers S3's calls. It is safe for concurrent use.
type API struct {
	config       Config
	operations   map[string]operation
	subresources []subresource
}

// New makes the API.
func New(config Config) *API { return &API{config, operations(), subresources()} }

// Hit says whether a fault of a kind strikes a call where it works on an
// object, and which; nil for none.
type Hit func(kind fault.Kind, bucket, key string) *fault.Fault

// Call is one request.
type Call struct {
	Writer    http.ResponseWriter
	Request   *http.Request
	RequestID string
	Bucket    string // empty when the request names none
	Key       string // empty when the request names none
	Hit       Hit    // says whether a fault strikes the call; nil: none does
}

// Signer is who calls, and how the request was signed. The signature has been
// verified; the body that it covers has not.
type Signer struct {
	Caller      *directory.Caller // required, an empty one for an anonymous caller
	Signature   *sigv4.Signature  // nil for an anonymous caller, and with SignatureV2
	SigningKey  []byte            // of Signature
	SignatureV2 *sigv2.Signature
}

// Routed is a call of which it is known what it asks for.
type Routed struct {
	call      *call
	operation string
	err       error
}

// Operation names the operation that the call asks for, empty when there is
// none.
func (r *Routed) Operation() string { return r.operation }

// call is a Call with all that was found out about it.
type call struct {
	Call
	Signer
	api    *API
	ctx    context.Context
	query  url.Values
	now    time.Time
	region string // of the endpoint that was called
	bucket *s3store.Bucket

	form   *postForm        // of a browser's upload
	object *s3store.Version // the version that is asked for, once it is found

	ofObject bool // checksum headers speak of the object, not of the body
}

// operation is one of S3's actions.
type operation func(c *call) error

// Route reads what a call asks for. What is wrong with it Serve tells, once
// it is known who asks.
func (a *API) Route(in Call) *Routed {
	c := &call{Call: in, api: a, query: in.Request.URL.Query(), region: a.config.Region}
	name, err := route(c)
	return &Routed{c, name, err}
}

// Serve answers the call, once; an error that it gives has not been written
// yet.
func (r *Routed) Serve(ctx context.Context, signer Signer) error {
	if r.err != nil {
		return r.err
	}
	c := r.call
	c.Signer, c.ctx, c.now = signer, ctx, c.api.config.Now().UTC()
	if signer.Signature != nil {
		c.region = signer.Signature.Scope.Region
	}
	run, known := c.api.operations[r.operation]
	if !known {
		return notImplemented()
	}
	if r.operation == "PostObject" {
		if err := c.readPost(); err != nil {
			return err
		}
	}
	if c.Bucket != "" && r.operation != "CreateBucket" {
		if err := c.findBucket(); err != nil {
			return err
		}
	}
	if c.SignatureV2 != nil && !sigv2.Served(c.region) {
		return unsupportedMechanism()
	}
	if err := c.refuseAnonymous(r.operation); err != nil {
		return err
	}
	return run(c)
}

func (c *call) findBucket() error {
	c.bucket = c.api.config.Store.Bucket(c.Bucket)
	if c.bucket == nil {
		return noSuchBucket(c.Bucket)
	}
	c.Writer.Header().Set("X-Amz-Bucket-Region", c.bucket.Region)
	if c.Signature != nil && c.region != c.bucket.Region {
		return wrongRegion(c.bucket, c.region)
	}
	if c.SignatureV2 != nil {
		c.region = c.bucket.Region
	}
	if owner := c.Request.Header.Get("X-Amz-Expected-Bucket-Owner"); owner != "" && owner != c.bucket.Account {
		return accessDenied("Access Denied")
	}
	if len(c.Key) > 1024 {
		return awserror.New(http.StatusBadRequest, "KeyTooLongError", "Your key is too long").
			With("Size", itoa(len(c.Key))).With("MaxSizeAllowed", "1024")
	}
	if !utf8.ValidString(c.Key) || strings.ContainsRune(c.Key, 0) {
		return awserror.New(http.StatusBadRequest, "InvalidURI", "Couldn't parse the specified URI.")
	}
	c.corsHeaders()
	return c.checkPayer()
}

// struck says whether a fault of this kind strikes the call, at the object that
// it is for: a copy's source is struck by its own name.
func (c *call) struck(kind fault.Kind) bool {
	return c.Hit != nil && c.Hit(kind, c.Bucket, c.Key) != nil
}

func (c *call) bucketARN() string { return "arn:aws:s3:::" + c.Bucket }

func (c *call) objectARN() string { return "arn:aws:s3:::" + c.Bucket + "/" + c.Key }

// allowBucket decides an action on the bucket.
func (c *call) allowBucket(action string, keys ...authz.Key) error {
	return c.allow(action, c.bucketARN(), c.bucket, keys...)
}

// allowObject decides an action on the object.
func (c *call) allowObject(action string, keys ...authz.Key) error {
	return c.allow(action, c.objectARN(), c.bucket, keys...)
}

func (c *call) allow(action, resource string, bucket *s3store.Bucket, keys ...authz.Key) error {
	request, decision := c.decide(action, resource, bucket, keys...)
	if decision.Allowed() {
		return nil
	}
	return c.denied(request, decision)
}

func (c *call) decide(action, resource string, bucket *s3store.Bucket, keys ...authz.Key) (*authz.Call, iam.Decision) {
	request := c.question(action, resource, bucket, keys...)
	return request, c.api.config.Authorizer.Decide(c.ctx, request)
}

// question is what decide asks.
func (c *call) question(action, resource string, bucket *s3store.Bucket, keys ...authz.Key) *authz.Call {
	request := &authz.Call{
		Caller: c.Caller, Request: c.Request, RequestID: c.RequestID, Region: c.region,
		Action: "s3:" + action, Resource: resource, Keys: append(c.commonKeys(), keys...),
	}
	request.ResourceAccount = c.Caller.Account
	if bucket != nil {
		document := c.policyOf(bucket)
		request.Policy = document.Compiled()
		if block := bucket.Settings().PublicBlock; block != nil && block.RestrictPublicBuckets && c.Caller.Account != bucket.Account && isPublic(document.Policy()) {
			request.Policy = nil // a public policy opens nothing to those outside
		}
		request.Policy, request.ResourceAccount = c.withACL(request.Action, bucket, request.Policy)
		request.Keys = append(request.Keys, authz.K("s3:ResourceAccount", request.ResourceAccount))
	}
	return request
}

// denied tells why only to those of the bucket's own account, as S3 does.
func (c *call) denied(request *authz.Call, decision iam.Decision) error {
	if c.Caller.Account == "" || c.Caller.Account != request.ResourceAccount {
		return accessDenied("Access Denied")
	}
	return accessDenied("User: %s is not authorized to perform: %s on resource: %q%s",
		c.Caller.ARN, request.Action, request.Resource, authz.Because(request, decision))
}
