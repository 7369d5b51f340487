package object

import "strings"

// Location is a part of a bucket: every key that begins with Prefix. Prefix is
// empty for the whole bucket and else ends with "/", so that "pre/" is never
// "prefix/".
type Location struct {
	Bucket string `json:"bucket"`
	Prefix string `json:"prefix"`
}

// String gives the location as an address: "s3://bucket/prefix/".
func (l Location) String() string { return "s3://" + l.Bucket + "/" + l.Prefix }

// Contains says whether a key of a bucket lies in the location.
func (l Location) Contains(bucket, key string) bool {
	return bucket == l.Bucket && strings.HasPrefix(key, l.Prefix)
}
