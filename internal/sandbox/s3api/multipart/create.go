package multipart

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/s3api/checksum"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/encryption"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/objects"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type initiateResult struct {
	XMLName   xml.Name `xml:"InitiateMultipartUploadResult"`
	Namespace string   `xml:"xmlns,attr"`
	Bucket    string
	Key       string
	UploadID  string `xml:"UploadId"`
}

// CreateMultipartUpload serves the operation CreateMultipartUpload.
func CreateMultipartUpload(c *front.Call) error {
	v, err := objects.NewVersion(c)
	if err != nil {
		return err
	}
	if err := objects.AllowPut(c, v); err != nil {
		return err
	}
	if v.Checksum, err = uploadChecksum(c); err != nil {
		return err
	}
	u := &s3store.Upload{
		Key:       c.Key,
		ID:        newUploadID(c.Key, c.Now),
		Initiated: c.Timestamp(),
		Initiator: c.Caller.ARN,
		Version:   v,
	}
	if err := c.Config.Store.CreateUpload(c.Bucket, u); err != nil {
		return c.StoreError(err)
	}
	encryption.WriteHeaders(c, v)
	if v.Checksum.Algorithm != "" {
		c.Writer.Header().Set("X-Amz-Checksum-Algorithm", v.Checksum.Algorithm)
		c.Writer.Header().Set("X-Amz-Checksum-Type", v.Checksum.Type)
	}
	return c.WriteXML(initiateResult{Namespace: front.Namespace, Bucket: c.BucketName, Key: c.Key, UploadID: u.ID})
}

// newUploadID returns an ID that sorts by time and has a digest of its key, so
// that IDs of other keys can be recognized.
func newUploadID(key string, now time.Time) string {
	return fmt.Sprintf("%016X", now.UnixNano()) + uploadKeyDigest(key) + rand.Text()
}

func uploadKeyDigest(key string) string {
	sum := sha256.Sum256([]byte("upload of " + key))
	return strings.ToUpper(hex.EncodeToString(sum[:8]))
}

// isUploadOf reports whether an ID belongs to an upload of this key.
func isUploadOf(key, id string) bool {
	return len(id) == 58 && id[16:32] == uploadKeyDigest(key)
}

// uploadChecksum returns the checksum that the object of an upload will have.
// See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html#Full-object-checksums.
func uploadChecksum(c *front.Call) (s3store.Checksum, error) {
	algorithm := strings.ToUpper(c.Request.Header.Get("X-Amz-Checksum-Algorithm"))
	kind := strings.ToUpper(c.Request.Header.Get("X-Amz-Checksum-Type"))
	if kind != "" && kind != "FULL_OBJECT" && kind != "COMPOSITE" {
		return s3store.Checksum{}, s3error.InvalidRequest("Value for x-amz-checksum-type header is invalid.")
	}
	if algorithm == "" {
		if kind != "" {
			return s3store.Checksum{}, s3error.InvalidRequest(
				"The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
			)
		}
		return s3store.Checksum{}, nil
	}
	if checksum.NewHash(algorithm) == nil {
		return s3store.Checksum{}, checksum.UnknownAlgorithm()
	}
	switch {
	case kind == "" && algorithm == checksum.Default:
		kind = "FULL_OBJECT"
	case kind == "":
		kind = "COMPOSITE"
	case kind == "FULL_OBJECT" && !checksum.IsCRC(algorithm), kind == "COMPOSITE" && algorithm == checksum.Default:
		return s3store.Checksum{}, s3error.InvalidRequest(
			"The %s checksum type cannot be used with the %s checksum algorithm.",
			kind,
			strings.ToLower(algorithm),
		)
	}
	return s3store.Checksum{Algorithm: algorithm, Type: kind}, nil
}
