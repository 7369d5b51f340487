// Package generate writes least-privilege policies: the permission policy of a
// role that reads or writes declared locations, the session policy that
// restricts it, the trust policy for one principal, and the equivalent bucket
// policy.
//
// A location ends at a segment boundary: the prefix "reports/" covers
// "reports/2024.csv" but not "reports-old/2024.csv". No input can widen a
// policy: wildcards, variables and control characters are rejected, and text
// in patterns is escaped.
//
// All functions are pure. The same need always returns the same bytes, in
// whatever order its locations are listed.
package generate

import "fmt"

// Partition is a group of AWS Regions with separate accounts and ARNs. An
// empty partition is [AWS].
type Partition string

// The partitions.
const (
	AWS      Partition = "aws"
	China    Partition = "aws-cn"
	GovCloud Partition = "aws-us-gov"
)

// DNSSuffix returns the domain of the partition's endpoints.
func (p Partition) DNSSuffix() string {
	if p == China {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// Access is the kind of access to a location.
//
//   - [Read] lists the declared prefixes and gets their objects.
//   - [Write] puts, overwrites and deletes objects and aborts multipart
//     uploads, but neither lists nor gets objects.
//   - [ReadWrite] combines both.
//
// No access deletes old versions in a versioned bucket.
type Access string

// The kinds of access.
const (
	Read      Access = "read"
	Write     Access = "write"
	ReadWrite Access = "readwrite"
)

func (a Access) reads() bool  { return a == Read || a == ReadWrite }
func (a Access) writes() bool { return a == Write || a == ReadWrite }

// Location is the part of a bucket with the keys that begin with Prefix.
// Prefix ends with "/", or is empty for the whole bucket.
type Location struct {
	Bucket string
	Prefix string
}

// String returns the location as "s3://bucket/prefix/".
func (l Location) String() string { return "s3://" + l.Bucket + "/" + l.Prefix }

// Need is the access that a policy must allow, and no more.
type Need struct {
	Partition Partition  // empty: aws
	Locations []Location // at least one; locations inside another are dropped
	Access    Access     // required
	Versions  bool       // also list and get old versions; only with Read or ReadWrite
	// KMSKeyARNs are the keys that the objects are encrypted with
	// (arn:aws:kms:REGION:ACCOUNT:key/ID). The policy only allows their use
	// through S3.
	KMSKeyARNs []string
	// Queues are the queues that receive the events of the buckets. The
	// policy allows receiving and deleting their messages.
	Queues []Queue
}

// Queue is an SQS queue.
type Queue struct {
	ARN       string // arn:aws:sqs:REGION:ACCOUNT:NAME
	KMSKeyARN string // of the queue's key; may be empty
}

// InputError is an invalid field of a need.
type InputError struct {
	Field  string // as in "locations[0].prefix"
	Value  string // the invalid value
	Reason string // what is wrong and how to correct it: one sentence
}

// Error returns the field, the value and the reason.
func (e *InputError) Error() string {
	return fmt.Sprintf("%s %q: %s", e.Field, e.Value, e.Reason)
}

func invalid(field, value, reason string, args ...any) error {
	return &InputError{Field: field, Value: value, Reason: fmt.Sprintf(reason, args...)}
}
