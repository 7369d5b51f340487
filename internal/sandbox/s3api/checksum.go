package s3api

import (
	"crypto/sha1" //nolint:gosec // S3's SHA1 checksum finds damage; it guards nothing
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// algorithms are S3's additional checksums, in the order in which they are
// shown. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html.
var algorithms = []string{"CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"}

const defaultAlgorithm = "CRC64NVME"

var (
	crc32cTable = crc32.MakeTable(crc32.Castagnoli)
	crc64Table  = crc64.MakeTable(0x9a6c9329ac4bc9b5)
)

// newHash gives the hash of an algorithm, nil for one that is not known.
func newHash(algorithm string) hash.Hash {
	switch algorithm {
	case "CRC32":
		return crc32.NewIEEE()
	case "CRC32C":
		return crc32.New(crc32cTable)
	case "CRC64NVME":
		return crc64.New(crc64Table)
	case "SHA1":
		return sha1.New() //nolint:gosec // as above
	case "SHA256":
		return sha256.New()
	default:
		return nil
	}
}

func checksumHeader(algorithm string) string {
	return "X-Amz-Checksum-" + canonicalAlgorithm(algorithm)
}

func canonicalAlgorithm(algorithm string) string {
	return http.CanonicalHeaderKey(strings.ToLower(algorithm))
}

func sum64(h hash.Hash) string { return base64.StdEncoding.EncodeToString(h.Sum(nil)) }

// claimedChecksum reads which checksum a request brings: its algorithm, and
// the value when it is not in the trailer.
func claimedChecksum(r *http.Request) (s3store.Checksum, error) {
	var found s3store.Checksum
	for _, algorithm := range algorithms {
		if value := r.Header.Get(checksumHeader(algorithm)); value != "" {
			if found.Value != "" {
				return found, invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
			}
			found = s3store.Checksum{Algorithm: algorithm, Value: value}
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
				return found, invalidRequest("Expecting a single x-amz-checksum- header")
			}
			found.Algorithm = strings.ToUpper(rest)
		}
	}
	switch {
	case found.Algorithm == "" && declared != "" && newHash(declared) == nil:
		return found, invalidRequest("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
	case found.Algorithm == "":
		found.Algorithm = declared
	case declared != "" && declared != found.Algorithm:
		return found, invalidRequest("Value for x-amz-sdk-checksum-algorithm header is invalid.")
	}
	if found.Algorithm == "" {
		return found, nil
	}
	h := newHash(found.Algorithm)
	if h == nil {
		return found, invalidRequest("The value specified in the x-amz-trailer header is not supported")
	}
	if found.Value == "" {
		return found, nil
	}
	if raw, err := base64.StdEncoding.DecodeString(found.Value); err != nil || len(raw) != h.Size() {
		return found, invalidRequest("Value for x-amz-checksum-%s header is invalid.", strings.ToLower(found.Algorithm))
	}
	return found, nil
}
