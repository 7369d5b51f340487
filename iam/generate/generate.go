// Package generate writes the least policy for a need: the permission policy
// of a role that reads or writes declared locations, the session policy that
// narrows it, the trust policy that lets one principal in, and the bucket
// policy that does the same from the other side.
//
// What a location is, is a segment boundary: the prefix "reports/" covers
// "reports/2024.csv" and never "reports-old/2024.csv". Nothing that is given
// here can widen a policy: wildcards, variables and control characters are
// refused, and what is written into a pattern is escaped as well.
//
// Every function is pure: the same need gives the same bytes, whatever the
// order its locations are named in.
package generate

import "fmt"

// Partition is a group of AWS Regions with its own accounts and ARNs. Empty
// means [AWS].
type Partition string

// The partitions.
const (
	AWS      Partition = "aws"
	China    Partition = "aws-cn"
	GovCloud Partition = "aws-us-gov"
)

// DNSSuffix returns the domain that the partition's endpoints are in.
func (p Partition) DNSSuffix() string {
	if p == China {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// Access is what may be done in a location.
//
//   - [Read] lists the declared prefixes and gets their objects.
//   - [Write] puts, overwrites and deletes objects and aborts a multipart
//     upload; it neither lists nor gets.
//   - [ReadWrite] is both.
//
// No access deletes old versions: what a versioned bucket keeps, it keeps.
type Access string

// The kinds of access.
const (
	Read      Access = "read"
	Write     Access = "write"
	ReadWrite Access = "readwrite"
)

func (a Access) reads() bool  { return a == Read || a == ReadWrite }
func (a Access) writes() bool { return a == Write || a == ReadWrite }

// Location is a part of a bucket: every key that begins with Prefix. Prefix is
// empty for the whole bucket and else ends with "/".
type Location struct {
	Bucket string
	Prefix string
}

// String returns the location as an address: "s3://bucket/prefix/".
func (l Location) String() string { return "s3://" + l.Bucket + "/" + l.Prefix }

// Need is what a policy must allow, and all that it may.
type Need struct {
	Partition Partition  // empty: aws
	Locations []Location // one or more; one inside another is left out
	Access    Access     // required
	Versions  bool       // also list and get old versions; only with Read or ReadWrite
	// KMSKeyARNs are the keys that the objects are encrypted with
	// (arn:aws:kms:REGION:ACCOUNT:key/ID). They may be used through S3 alone.
	KMSKeyARNs []string
}

// InputError says which part of a need cannot be put into a policy, and why.
type InputError struct {
	Field  string // as in "locations[0].prefix"
	Value  string // what was given
	Reason string // why it is refused, and what to give instead: one sentence
}

// Error returns the field, the value and the reason.
func (e *InputError) Error() string {
	return fmt.Sprintf("%s %q: %s", e.Field, e.Value, e.Reason)
}

func invalid(field, value, reason string, args ...any) error {
	return &InputError{Field: field, Value: value, Reason: fmt.Sprintf(reason, args...)}
}
