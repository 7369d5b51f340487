// Package s3api serves the S3 REST API over a store: it determines the
// operation of a request and runs it. The operations are in subpackages, by
// subject. See https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html.
package s3api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/buckets"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/postform"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/sigv2"
)

// Config configures the API. Every field is required.
type Config = front.Config

// BucketDefaults has the default settings of new buckets.
type BucketDefaults = front.BucketDefaults

// API returns S3's calls. It is safe for concurrent use.
type API struct {
	config       Config
	operations   map[string]front.Operation
	subresources []subresource
}

// New returns the API.
func New(config Config) *API { return &API{config, operations(), subresources()} }

// Routed is a call whose operation is known.
type Routed struct {
	api       *API
	call      *front.Call
	operation string
	err       error
}

// Operation returns the name of the operation, or "".
func (r *Routed) Operation() string { return r.operation }

// Route determines the operation of a call. Errors of the route are returned
// by Serve, once the caller is known.
func (a *API) Route(in front.Incoming) *Routed {
	c := &front.Call{Incoming: in, Config: &a.config, Query: in.Request.URL.Query(), Region: a.config.Region}
	name, err := a.route(c)
	return &Routed{a, c, name, err}
}

// Serve serves the call. Call it only once. The caller writes the returned
// error.
func (r *Routed) Serve(ctx context.Context, signer front.Signer) error {
	if r.err != nil {
		return r.err
	}
	c := r.call
	c.Signer, c.Context, c.Now = signer, ctx, c.Config.Now().UTC()
	if signer.Signature != nil {
		c.Region = signer.Signature.Scope.Region
	}
	run, known := r.api.operations[r.operation]
	if !known {
		return s3error.NotImplemented()
	}
	if r.operation == "PostObject" {
		form, err := postform.Read(c)
		if err != nil {
			return err
		}
		run = form.Put
	}
	if c.BucketName != "" && r.operation != "CreateBucket" {
		if err := findBucket(c); err != nil {
			return err
		}
	}
	if c.SignatureV2 != nil && !sigv2.Served(c.Region) {
		return s3error.UnsupportedMechanism()
	}
	if err := refuseAnonymous(c, r.operation); err != nil {
		return err
	}
	return run(c)
}

func findBucket(c *front.Call) error {
	c.Bucket = c.Config.Store.Bucket(c.BucketName)
	if c.Bucket == nil {
		return s3error.NoSuchBucket(c.BucketName)
	}
	c.Writer.Header().Set("X-Amz-Bucket-Region", c.Bucket.Region)
	if c.Signature != nil && c.Region != c.Bucket.Region {
		return s3error.WrongRegion(c.Bucket, c.Region)
	}
	if c.SignatureV2 != nil {
		c.Region = c.Bucket.Region
	}
	if owner := c.Request.Header.Get("X-Amz-Expected-Bucket-Owner"); owner != "" && owner != c.Bucket.Account {
		return s3error.AccessDenied("Access Denied")
	}
	if len(c.Key) > 1024 {
		return awserror.New(http.StatusBadRequest, "KeyTooLongError", "Your key is too long").
			With("Size", strconv.Itoa(len(c.Key))).With("MaxSizeAllowed", "1024")
	}
	if !utf8.ValidString(c.Key) || strings.ContainsRune(c.Key, 0) {
		return awserror.New(http.StatusBadRequest, "InvalidURI", "Couldn't parse the specified URI.")
	}
	buckets.WriteCORSHeaders(c)
	return buckets.CheckPayer(c)
}
