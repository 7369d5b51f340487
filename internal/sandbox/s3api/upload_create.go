package s3api

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type initiateResult struct {
	XMLName   xml.Name `xml:"InitiateMultipartUploadResult"`
	Namespace string   `xml:"xmlns,attr"`
	Bucket    string
	Key       string
	UploadID  string `xml:"UploadId"`
}

func (c *call) createMultipartUpload() error {
	v, err := c.newVersion()
	if err != nil {
		return err
	}
	if err := c.allowPut(v); err != nil {
		return err
	}
	if v.Checksum, err = c.uploadChecksum(); err != nil {
		return err
	}
	u := &s3store.Upload{Key: c.Key, ID: newUploadID(c.Key, c.now), Initiated: c.moment(), Initiator: c.Caller.ARN, Version: v}
	if err := c.api.config.Store.CreateUpload(c.bucket, u); err != nil {
		return c.storeError(err)
	}
	c.encryptionHeaders(v)
	if v.Checksum.Algorithm != "" {
		c.Writer.Header().Set("X-Amz-Checksum-Algorithm", v.Checksum.Algorithm)
		c.Writer.Header().Set("X-Amz-Checksum-Type", v.Checksum.Type)
	}
	return c.writeXML(initiateResult{Namespace: namespace, Bucket: c.Bucket, Key: c.Key, UploadID: u.ID})
}

// newUploadID makes an ID that sorts by time and tells its key, so that one can
// be told from a marker that never was.
func newUploadID(key string, now time.Time) string {
	return fmt.Sprintf("%016X", now.UnixNano()) + uploadMark(key) + rand.Text()
}

func uploadMark(key string) string {
	sum := sha256.Sum256([]byte("upload of " + key))
	return strings.ToUpper(hex.EncodeToString(sum[:8]))
}

// uploadOf says whether an ID is of an upload of this key.
func uploadOf(key, id string) bool {
	return len(id) == 58 && id[16:32] == uploadMark(key)
}

// uploadChecksum reads which checksum the object of an upload will have. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html#Full-object-checksums.
func (c *call) uploadChecksum() (s3store.Checksum, error) {
	algorithm := strings.ToUpper(c.Request.Header.Get("X-Amz-Checksum-Algorithm"))
	kind := strings.ToUpper(c.Request.Header.Get("X-Amz-Checksum-Type"))
	if kind != "" && kind != "FULL_OBJECT" && kind != "COMPOSITE" {
		return s3store.Checksum{}, invalidRequest("Value for x-amz-checksum-type header is invalid.")
	}
	if algorithm == "" {
		if kind != "" {
			return s3store.Checksum{}, invalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
		}
		return s3store.Checksum{}, nil
	}
	if newHash(algorithm) == nil {
		return s3store.Checksum{}, unknownAlgorithm()
	}
	_, isCRC := crcOf(algorithm)
	switch {
	case kind == "" && algorithm == defaultAlgorithm:
		kind = "FULL_OBJECT"
	case kind == "":
		kind = "COMPOSITE"
	case kind == "FULL_OBJECT" && !isCRC, kind == "COMPOSITE" && algorithm == defaultAlgorithm:
		return s3store.Checksum{}, invalidRequest("The %s checksum type cannot be used with the %s checksum algorithm.", kind, strings.ToLower(algorithm))
	}
	return s3store.Checksum{Algorithm: algorithm, Type: kind}, nil
}
