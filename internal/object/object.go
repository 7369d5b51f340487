// Package object is the objects of a bucket, as far as the service needs them:
// list, read, and for the doctor write and delete. Drivers are object/s3 and
// object/dir; both pass object/objecttest.
package object

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// Bucket is one bucket, accessed with one set of credentials. It is safe for
// concurrent use. If the service doesn't respond with success, the error is a
// [*Failure].
type Bucket interface {
	// List returns one page of the objects whose keys begin with prefix, in
	// key order. An empty cursor means the first page.
	List(ctx context.Context, prefix, cursor string, limit int) (Page, error)
	// Read opens an object. The reader's Close must be called.
	Read(ctx context.Context, key string, options ReadOptions) (io.ReadCloser, Info, error)
	// Put writes an object.
	Put(ctx context.Context, key string, body []byte) error
	// Delete removes an object. A missing object isn't an error.
	Delete(ctx context.Context, key string) error
}

// Page is a run of a listing.
type Page struct {
	Objects []Info
	Next    string // cursor of the next page; empty at the end

	RequestID string // AWS's, of this listing; empty if there is none
}

// Info describes an object.
type Info struct {
	Key       string
	Size      int64  // bytes
	ETag      string // without quotes
	VersionID string // empty if the bucket isn't versioned, and in listings
	Modified  time.Time
	Class     string // storage class; empty means STANDARD
}

// ReadOptions narrows a read.
type ReadOptions struct {
	IfMatch string // ETag without quotes; if the object has another one, Failure.Changed is true
	Offset  int64  // first byte
	Length  int64  // bytes; 0 means to the end
}

// Failure is a refusal or an error of the service, with all details for diagnosis.
type Failure struct { //nolint:errname // what AWS answered, which is more than an error
	Operation string // as AWS names it: "ListObjectsV2", "AssumeRole"
	Resource  string // ARN or s3:// address of the requested resource
	Code      string // AWS's error code: "AccessDenied"; empty if there was no response
	Status    int    // HTTP status; 0 if there was no response
	RequestID string // AWS's request ID
	Region    string // from x-amz-bucket-region, if the response had it
	Message   string // AWS's text
	// Unreached is set if package dial couldn't connect. Members may only
	// learn its text about the cause.
	Unreached *problem.Error
	Cause     error
}

// FailureOf returns the failure in the chain of an error, or nil.
func FailureOf(err error) *Failure {
	var f *Failure
	if !errors.As(err, &f) {
		return nil
	}
	return f
}

// KMSDenied reports whether a KMS key couldn't be used. S3 responds with a code of
// KMS, or with an AccessDenied that names the action.
func (f *Failure) KMSDenied() bool {
	return strings.HasPrefix(f.Code, "KMS.") || f.Denied() && strings.Contains(f.Message, "kms:Decrypt")
}

// Answered returns the status of a complete response. If err says that the
// connection broke off during the response, it returns 0.
func Answered(status int, err error) int {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) {
		return 0
	}
	return status
}

// Error returns the request and the response.
func (f *Failure) Error() string {
	if f.Status == 0 {
		return fmt.Sprintf("%s on %s: no response: %s", f.Operation, f.Resource, f.Message)
	}
	return fmt.Sprintf("%s on %s: %d %s: %s", f.Operation, f.Resource, f.Status, f.Code, f.Message)
}

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Cause }

// Denied reports whether the service denied access, because a permission is
// missing.
func (f *Failure) Denied() bool { return f.Status == 403 }

// Missing reports whether the bucket or object is not there.
func (f *Failure) Missing() bool { return f.Status == 404 }

// Changed reports whether the object is no longer the requested one.
func (f *Failure) Changed() bool { return f.Status == 412 }
