// Package front is the part that all S3 operations share: the call with its
// caller and bucket, the decision whether it is allowed, and the reading and
// writing of documents and bodies.
package front

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
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

// BucketDefaults has the settings of new buckets whose request names none. The
// zero value is AWS's own since April 2023: the bucket's owner owns everything,
// and public access is blocked.
type BucketDefaults struct {
	Ownership    string // "BucketOwnerEnforced" when empty, "BucketOwnerPreferred", "ObjectWriter"
	PublicAccess bool   // Block Public Access is off
}

// Hit returns the fault of a kind that strikes a call at an object, nil for
// none.
type Hit func(kind fault.Kind, bucket, key string) *fault.Fault

// Incoming is one request.
type Incoming struct {
	Writer     http.ResponseWriter
	Request    *http.Request
	RequestID  string
	BucketName string // empty when the request names none
	Key        string // empty when the request names none
	Hit        Hit    // reports whether a fault strikes the call; nil: none does
}

// Signer is the caller, and how it signed the request. The signature has been
// verified; the body that it covers hasn't.
type Signer struct {
	Caller      *directory.Caller // required, an empty one for an anonymous caller
	Signature   *sigv4.Signature  // nil for an anonymous caller, and with SignatureV2
	SigningKey  []byte            // of Signature
	SignatureV2 *sigv2.Signature
}

// Call is a Call with all that was found out about it.
type Call struct {
	Incoming
	Signer
	Config  *Config
	Context context.Context
	Query   url.Values
	Now     time.Time
	Region  string // of the endpoint that was called
	Bucket  *s3store.Bucket

	Posted  bool             // the request is a browser's form
	Version *s3store.Version // the version that is asked for, once it is found

	ChecksumOfObject bool // checksum headers speak of the object, not of the body
}

// Operation is one of S3's actions.
type Operation func(c *Call) error

// HasFault reports whether a fault of this kind strikes the call at its object.
// For a copy's source that is the source's own name.
func (c *Call) HasFault(kind fault.Kind) bool {
	return c.Hit != nil && c.Hit(kind, c.BucketName, c.Key) != nil
}

// BucketARN returns the ARN of the bucket.
func (c *Call) BucketARN() string { return "arn:aws:s3:::" + c.BucketName }

// ObjectARN returns the ARN of the object.
func (c *Call) ObjectARN() string { return "arn:aws:s3:::" + c.BucketName + "/" + c.Key }

// ForObject is this call as if it were for another object.
func (c *Call) ForObject(bucket *s3store.Bucket, key, id string) *Call {
	other := *c
	other.Bucket, other.BucketName, other.Key, other.Version = bucket, bucket.Name, key, nil
	other.Query = url.Values{}
	if id != "" {
		other.Query.Set("versionId", id)
	}
	return &other
}

// Timestamp is now as S3 keeps it.
func (c *Call) Timestamp() time.Time { return c.Now.Truncate(time.Second) }

// Configure changes the bucket's settings and responds with a status.
func (c *Call) Configure(status int, change func(*s3store.Settings) error) error {
	if err := c.Config.Store.Configure(c.Bucket, change); err != nil {
		return c.StoreError(err)
	}
	c.Writer.WriteHeader(status)
	return nil
}
