package generate

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxPrefixBytes leaves room for a key after the prefix: S3 keys have at most
// 1,024 bytes.
const maxPrefixBytes = 1000

var (
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	accountID  = regexp.MustCompile(`^[0-9]{12}$`)
	kmsKeyARN  = regexp.MustCompile(
		`^arn:(aws|aws-cn|aws-us-gov):kms:([a-z]{2}(?:-[a-z]+)+-[0-9]):[0-9]{12}:key` +
			`/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$`,
	)
	principal = regexp.MustCompile(
		`^arn:(aws|aws-cn|aws-us-gov):iam::[0-9]{12}:(?:root|(?:user|role)` +
			`/(?:[\x21-\x23\x25-\x29\x2b-\x3e\x40-\x7e]+/)?[\w+=,.@-]{1,64})$`,
	)
	externalID = regexp.MustCompile(`^[\w+=,.@:/-]+$`)
)

// reservedPrefixes and reservedSuffixes are reserved by S3. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html.
var (
	reservedPrefixes = []string{"xn--", "sthree-", "amzn-s3-internal-"}
	reservedSuffixes = []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}
)

// Check validates the location. The bucket must have a valid name of a general
// purpose bucket. The prefix must be empty or consist of whole segments that
// end with "/", without wildcards ("*", "?"), "$", unprintable characters, and
// empty, "." or ".." segments. The error is an [*InputError] whose field is
// "bucket" or "prefix".
func (l Location) Check() error {
	if reason := refuseBucket(l.Bucket); reason != "" {
		return invalid("bucket", l.Bucket, "%s", reason)
	}
	if reason := refusePrefix(l.Prefix); reason != "" {
		return invalid("prefix", l.Prefix, "%s", reason)
	}
	return nil
}

func refuseBucket(name string) string {
	switch {
	case !bucketName.MatchString(name):
		return "a bucket name has 3 to 63 lower-case letters, digits, dots and hyphens, and begins and ends with a " +
			"letter or digit"
	case strings.Contains(name, "..") || strings.Contains(name, ".-") || strings.Contains(name, "-."):
		return "a bucket name can't have two dots in a row or a dot next to a hyphen"
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return "a bucket name can't be an IP address"
	}
	for _, prefix := range reservedPrefixes {
		if strings.HasPrefix(name, prefix) {
			return fmt.Sprintf("S3 reserves names that begin with %q", prefix)
		}
	}
	for _, suffix := range reservedSuffixes {
		if strings.HasSuffix(name, suffix) {
			return fmt.Sprintf("names that end with %q don't belong to general purpose buckets", suffix)
		}
	}
	return ""
}

func refusePrefix(prefix string) string {
	switch {
	case prefix == "":
		return ""
	case len(prefix) > maxPrefixBytes:
		return fmt.Sprintf("a prefix has at most %d bytes", maxPrefixBytes)
	case !utf8.ValidString(prefix):
		return "a prefix must be UTF-8"
	case strings.ContainsAny(prefix, "*?$"):
		return "a prefix is literal: *, ? and $ have another meaning in a policy"
	case strings.ContainsFunc(prefix, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "a prefix can only have printable characters"
	case strings.HasPrefix(prefix, "/"):
		return "a prefix doesn't begin with /: remove it"
	case !strings.HasSuffix(prefix, "/"):
		return fmt.Sprintf("a prefix ends with /, so that it doesn't match longer names: use %q", prefix+"/")
	}
	for segment := range strings.SplitSeq(strings.TrimSuffix(prefix, "/"), "/") {
		if segment == "" || segment == "." || segment == ".." {
			return fmt.Sprintf("a prefix can't have the segment %q", segment)
		}
	}
	return ""
}

// literal escapes text in a pattern so that it only matches itself.
func literal(text string) string {
	return strings.NewReplacer("*", "${*}", "?", "${?}", "$", "${$}").Replace(text)
}

// Normalize returns the partition, or [AWS] if it is empty. An unknown
// partition is an [*InputError].
func (p Partition) Normalize() (Partition, error) {
	switch p {
	case "":
		return AWS, nil
	case AWS, China, GovCloud:
		return p, nil
	}
	return "", invalid("partition", string(p), "the partitions are aws, aws-cn and aws-us-gov")
}

func checkPrincipal(field, arn string, partition Partition) error {
	match := principal.FindStringSubmatch(arn)
	switch {
	case match == nil && strings.Contains(arn, ":assumed-role/"):
		return invalid(field, arn,
			"this is a session of a role: use the role's own ARN (arn:aws:iam::ACCOUNT:role/NAME)")
	case match == nil:
		return invalid(field, arn,
			"use the ARN of one user, role or account (arn:aws:iam::ACCOUNT:user/NAME), without wildcards")
	case match[1] != string(partition):
		return invalid(field, arn, "a principal can only act in its own partition, and this policy is for %s",
			partition)
	}
	return nil
}

func checkAccount(field, account string) error {
	if !accountID.MatchString(account) {
		return invalid(field, account, "an account ID has 12 digits")
	}
	return nil
}
