// Package checksum computes and compares S3's additional checksums. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html.
package checksum

import (
	"crypto/md5"  //nolint:gosec // S3's own digests: they find damage and guard nothing
	"crypto/sha1" //nolint:gosec // S3's own digests: they find damage and guard nothing
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"net/http"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/minio/crc64nvme"
	"github.com/zeebo/xxh3"

	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// Algorithms are S3's additional checksums, in the order of its documents. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html.
var Algorithms = []string{
	"CRC32",
	"CRC32C",
	"CRC64NVME",
	"MD5",
	"SHA1",
	"SHA256",
	"SHA512",
	"XXHASH128",
	"XXHASH3",
	"XXHASH64",
}

// Default is the algorithm for bodies without another one.
const Default = "CRC64NVME"

var crc32cTable = crc32.MakeTable(crc32.Castagnoli)

// NewHash returns the hash of an algorithm, or nil for an unknown one.
func NewHash(algorithm string) hash.Hash {
	switch algorithm {
	case "CRC32":
		return crc32.NewIEEE()
	case "CRC32C":
		return crc32.New(crc32cTable)
	case "CRC64NVME":
		return crc64nvme.New()
	case "SHA1":
		return sha1.New() //nolint:gosec // as above
	case "SHA256":
		return sha256.New()
	case "SHA512":
		return sha512.New()
	case "MD5":
		return md5.New() //nolint:gosec // as above
	case "XXHASH64":
		return xxhash.New()
	case "XXHASH3":
		return xxh3.New()
	case "XXHASH128":
		return xxh3.New128()
	default:
		return nil
	}
}

// UnknownAlgorithm returns the error for an algorithm that S3 doesn't support.
func UnknownAlgorithm() error {
	return s3error.InvalidRequest(
		"Checksum algorithm provided is unsupported. Please try again with any of the valid types: [%s]",
		strings.Join(Algorithms, ", "),
	)
}

// Header returns the name of an algorithm's header.
func Header(algorithm string) string {
	return "X-Amz-Checksum-" + canonicalAlgorithm(algorithm)
}

func canonicalAlgorithm(algorithm string) string {
	return http.CanonicalHeaderKey(strings.ToLower(algorithm))
}

// IsValid reports whether a value can be a checksum of this algorithm.
func IsValid(algorithm, value string) bool {
	raw, err := base64.StdEncoding.DecodeString(value)
	return err == nil && len(raw) == NewHash(algorithm).Size()
}

// Encode returns a checksum in base64.
func Encode(h hash.Hash) string { return base64.StdEncoding.EncodeToString(h.Sum(nil)) }

// FromRequest returns the checksum in a request: its algorithm, and its value
// unless it is in the trailer.
func FromRequest(r *http.Request) (s3store.Checksum, error) {
	var found s3store.Checksum
	var malformed error
	for _, algorithm := range Algorithms {
		if values, given := r.Header[Header(algorithm)]; given {
			value := strings.Join(values, ",")
			if found.Algorithm != "" {
				return found, s3error.InvalidRequest(
					"Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
				)
			}
			if !IsValid(algorithm, value) {
				malformed = s3error.InvalidRequest(
					"Value for x-amz-checksum-%s header is invalid.",
					strings.ToLower(algorithm),
				)
			}
			found = s3store.Checksum{Algorithm: algorithm, Value: value}
		}
	}
	for name := range r.Header {
		rest, ok := strings.CutPrefix(strings.ToUpper(name), "X-AMZ-CHECKSUM-")
		if ok && !slices.Contains(Algorithms, rest) && !slices.Contains([]string{"ALGORITHM", "MODE", "TYPE"}, rest) {
			return found, s3error.InvalidRequest(
				"The algorithm type you specified in x-amz-checksum- header is invalid.",
			)
		}
	}
	declared := r.Header.Get("X-Amz-Sdk-Checksum-Algorithm")
	if declared == "" {
		declared = r.Header.Get("X-Amz-Checksum-Algorithm")
	}
	declared = strings.ToUpper(declared)
	for name := range strings.SplitSeq(strings.ToLower(r.Header.Get("X-Amz-Trailer")), ",") {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(name), "x-amz-checksum-"); ok {
			if found.Value != "" {
				return found, s3error.InvalidRequest(
					"Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
				)
			}
			found.Algorithm = strings.ToUpper(rest)
		}
	}
	switch {
	case found.Algorithm == "" && declared != "" && NewHash(declared) == nil:
		return found, UnknownAlgorithm()
	case found.Algorithm == "":
		found.Algorithm = declared
	case declared != "" && declared != found.Algorithm:
		return found, s3error.InvalidRequest("Value for x-amz-sdk-checksum-algorithm header is invalid.")
	}
	if found.Algorithm == "" {
		return found, nil
	}
	if NewHash(found.Algorithm) == nil {
		return found, s3error.InvalidRequest("The value specified in the x-amz-trailer header is not supported")
	}
	return found, malformed
}
