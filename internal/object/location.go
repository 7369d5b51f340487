package object

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/problem"
)

// MaxPrefixBytes limits a location's prefix, including its final "/".
const MaxPrefixBytes = 512

// Location is a part of a bucket: every key that begins with Prefix. Prefix is
// empty for the whole bucket and else ends with "/", so that "pre/" is never
// "prefix/". Only [NewLocation], [ParseLocation] and decoding from JSON
// guarantee a valid location.
type Location struct {
	Bucket string `json:"bucket"`
	Prefix string `json:"prefix"`
}

// NewLocation validates a bucket and a prefix and returns the location in
// normal form. It adds a missing final "/". The error is a problem with code
// invalid that has all faults as findings at "bucket" and "prefix".
//
// A prefix has no leading "/", no empty segment, no segment "." or "..", no
// "*", "?" or "$" (a policy would read them as wildcards or variables), only
// printable characters, and is UTF-8 in Unicode's normal form C.
func NewLocation(bucket, prefix string) (Location, error) {
	var findings []problem.Finding
	if fault := bucketFault(bucket); fault != "" {
		findings = append(findings, problem.Finding{Path: "bucket", Message: fault})
	}
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	if fault := prefixFault(prefix); fault != "" {
		findings = append(findings, problem.Finding{Path: "prefix", Message: fault})
	}
	if len(findings) > 0 {
		return Location{}, problem.New(problem.Invalid, "The location isn't valid: %s", findings[0].Message).
			WithHint("A location is a bucket's name and a prefix such as \"daily/prices/\"; an empty prefix is the whole bucket.").
			WithFindings(findings...)
	}
	return Location{Bucket: bucket, Prefix: prefix}, nil
}

// ParseLocation parses an address such as "s3://bucket/prefix/" or
// "s3://bucket". It doesn't decode percent escapes.
func ParseLocation(address string) (Location, error) {
	rest, ok := strings.CutPrefix(address, "s3://")
	if !ok {
		return Location{}, problem.New(problem.Invalid, "The location %s doesn't begin with s3://.", quoted(address)).
			WithHint("Write it as s3://BUCKET/PREFIX/.")
	}
	bucket, prefix, _ := strings.Cut(rest, "/")
	return NewLocation(bucket, prefix)
}

// String returns the location as an address: "s3://bucket/prefix/".
func (l Location) String() string { return "s3://" + l.Bucket + "/" + l.Prefix }

// Contains reports whether a key of a bucket is in the location. A key with a
// segment "." or ".." is in no location, because S3 takes it literally but
// other stores resolve it.
func (l Location) Contains(bucket, key string) bool {
	return bucket == l.Bucket && strings.HasPrefix(key, l.Prefix) && !hasDotSegment(key)
}

// Covers reports whether every key of other is in l.
func (l Location) Covers(other Location) bool {
	return l.Bucket == other.Bucket && strings.HasPrefix(other.Prefix, l.Prefix)
}

// UnmarshalJSON decodes and validates a location.
func (l *Location) UnmarshalJSON(text []byte) error {
	var raw struct {
		Bucket string `json:"bucket"`
		Prefix string `json:"prefix"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return fmt.Errorf("reading a location: %w", err)
	}
	made, err := NewLocation(raw.Bucket, raw.Prefix)
	if err != nil {
		return err
	}
	*l = made
	return nil
}

// reservedBucketStarts and reservedBucketEnds are AWS's own.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
var (
	reservedBucketStarts = []string{"xn--", "sthree-", "amzn-s3-internal-"}
	reservedBucketEnds   = []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}
)

// bucketFault returns the fault of a bucket's name, or "".
func bucketFault(name string) string {
	switch {
	case name == "":
		return "The bucket's name is missing."
	case strings.HasPrefix(name, "arn:"):
		return fmt.Sprintf("%s is an ARN. Use only the bucket's name.", quoted(name))
	case len(name) < 3 || len(name) > 63:
		return fmt.Sprintf("The bucket name %s has %d characters; S3 allows 3 to 63.", quoted(name),
			utf8.RuneCountInString(name))
	}
	for _, r := range name {
		if !isLowerOrDigit(r) && r != '-' && r != '.' {
			return fmt.Sprintf("The bucket name %s has the character %q; S3 allows lower-case letters, digits, \".\" and \"-\".", quoted(name), r)
		}
	}
	if !isLowerOrDigit(rune(name[0])) || !isLowerOrDigit(rune(name[len(name)-1])) {
		return fmt.Sprintf("The bucket name %s doesn't begin and end with a letter or digit.", quoted(name))
	}
	if strings.Contains(name, "..") || strings.Contains(name, ".-") || strings.Contains(name, "-.") {
		return fmt.Sprintf("The bucket name %s has a dot next to a dot or a hyphen.", quoted(name))
	}
	if address, err := netip.ParseAddr(name); err == nil && address.Is4() {
		return fmt.Sprintf("The bucket name %s has the form of an IP address.", quoted(name))
	}
	return reservedFault(name)
}

func reservedFault(name string) string {
	for _, start := range reservedBucketStarts {
		if strings.HasPrefix(name, start) {
			return fmt.Sprintf("The bucket name %s begins with %q, which AWS reserves.", quoted(name), start)
		}
	}
	for _, end := range reservedBucketEnds {
		if strings.HasSuffix(name, end) {
			return fmt.Sprintf("The bucket name %s ends with %q, which AWS reserves.", quoted(name), end)
		}
	}
	return ""
}

// prefixFault returns the fault of a prefix that is empty or ends with "/", or
// "".
func prefixFault(prefix string) string {
	switch {
	case prefix == "":
		return ""
	case len(prefix) > MaxPrefixBytes:
		return fmt.Sprintf("The prefix has %d bytes; at most %d are allowed.", len(prefix), MaxPrefixBytes)
	case !utf8.ValidString(prefix):
		return fmt.Sprintf("The prefix %s isn't valid UTF-8.", quoted(prefix))
	case strings.HasPrefix(prefix, "/"):
		return fmt.Sprintf("The prefix %s begins with \"/\"; S3 keys do not.", quoted(prefix))
	case strings.Contains(prefix, "//"):
		return fmt.Sprintf("The prefix %s has an empty segment (\"//\").", quoted(prefix))
	case hasDotSegment(prefix):
		return fmt.Sprintf("The prefix %s has a segment \".\" or \"..\".", quoted(prefix))
	}
	for _, r := range prefix {
		if strings.ContainsRune("*?$", r) {
			return fmt.Sprintf("The prefix %s has the character %q, which a policy reads as a wildcard or variable.",
				quoted(prefix), r)
		}
		if !unicode.IsPrint(r) {
			return fmt.Sprintf("The prefix %s has the invisible character %U.", quoted(prefix), r)
		}
	}
	if !norm.NFC.IsNormalString(prefix) {
		return fmt.Sprintf("The prefix %s isn't in Unicode normalization form C; two prefixes that look alike "+
			"would be different.", quoted(prefix))
	}
	return ""
}

// hasDotSegment reports whether a "/"-separated part of path is "." or "..".
func hasDotSegment(path string) bool {
	if !strings.Contains(path, ".") {
		return false
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

func isLowerOrDigit(r rune) bool { return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' }

// quoted quotes a caller's input for a sentence, clipped to 80 bytes.
func quoted(s string) string { return clip.Quote(s, 80) }
