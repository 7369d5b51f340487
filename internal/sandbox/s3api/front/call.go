// Package front has what all S3 operations share: the call with its caller and
// bucket, authorization, and reading and writing of documents and bodies.
package front

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/sandbox/notify"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
	"github.com/windlass-io/windlass/internal/sandbox/sigv2"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

// Config configures the API. Every field is required.
type Config struct {
	Store      *s3store.Store
	Directory  *directory.Directory
	Authorizer *authz.Authorizer
	Now        func() time.Time
	Region     string // for unsigned requests
	Buckets    BucketDefaults
	Notifier   *notify.Notifier
}

// BucketDefaults has the default settings of new buckets. The zero value is
// AWS's defaults since April 2023: the bucket owner owns all objects, and
// public access is blocked.
type BucketDefaults struct {
	Ownership    string // "BucketOwnerEnforced" when empty, "BucketOwnerPreferred", "ObjectWriter"
	PublicAccess bool   // turns off Block Public Access
}

// Hit returns the fault of a kind that strikes a call on an object, or nil.
type Hit func(kind fault.Kind, bucket, key string) *fault.Fault

// Incoming is one request.
type Incoming struct {
	Writer     http.ResponseWriter
	Request    *http.Request
	RequestID  string
	BucketName string // empty if the request has none
	Key        string // empty if the request has none
	Hit        Hit    // returns the fault that strikes the call; may be nil
}

// Signer is the caller and its signature. The signature has been verified, but
// not the body that it covers.
type Signer struct {
	Caller      *directory.Caller // required; empty for an anonymous caller
	Signature   *sigv4.Signature  // nil for an anonymous caller or a SignatureV2
	SigningKey  []byte            // of Signature
	SignatureV2 *sigv2.Signature
}

// Call is a request with its bucket, caller and other data.
type Call struct {
	Incoming
	Signer
	Config  *Config
	Context context.Context
	Query   url.Values
	Now     time.Time
	Region  string // of the endpoint that was called
	Bucket  *s3store.Bucket

	Posted  bool             // whether the request is a browser's form
	Version *s3store.Version // the requested version, once it is known

	ChecksumOfObject bool // whether checksum headers describe the object instead of the body
}

// Operation is one of S3's actions.
type Operation func(c *Call) error

// HasFault reports whether a fault of this kind strikes the call on its
// object. For a copy's source that is the source.
func (c *Call) HasFault(kind fault.Kind) bool {
	return c.Hit != nil && c.Hit(kind, c.BucketName, c.Key) != nil
}

// BucketARN returns the ARN of the bucket.
func (c *Call) BucketARN() string { return "arn:aws:s3:::" + c.BucketName }

// ObjectARN returns the ARN of the object.
func (c *Call) ObjectARN() string { return "arn:aws:s3:::" + c.BucketName + "/" + c.Key }

// ForObject returns a copy of the call for another object.
func (c *Call) ForObject(bucket *s3store.Bucket, key, id string) *Call {
	other := *c
	other.Bucket, other.BucketName, other.Key, other.Version = bucket, bucket.Name, key, nil
	other.Query = url.Values{}
	if id != "" {
		other.Query.Set("versionId", id)
	}
	return &other
}

// Cause returns the request for events of these kinds.
func (c *Call) Cause(events ...string) *s3store.Cause {
	ip, _, err := net.SplitHostPort(c.Request.RemoteAddr)
	if err != nil {
		ip = c.Request.RemoteAddr
	}
	return &s3store.Cause{Events: events, Principal: c.Caller.UserID, IP: ip, RequestID: c.RequestID}
}

// Timestamp returns the current time in S3's precision.
func (c *Call) Timestamp() time.Time { return c.Now.Truncate(time.Second) }

// Configure changes the bucket's settings and responds with a status.
func (c *Call) Configure(status int, change func(*s3store.Settings) error) error {
	if err := c.Config.Store.Configure(c.Bucket, change); err != nil {
		return c.StoreError(err)
	}
	c.Writer.WriteHeader(status)
	return nil
}
