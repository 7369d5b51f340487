// Package encryption records how objects are encrypted and decides who may use
// the keys. The sandbox doesn't really encrypt objects: it only decides who
// may read them.
package encryption

import (
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// IsRequested reports whether a request specifies an encryption.
func IsRequested(c *front.Call) bool {
	h := c.Request.Header
	return h.Get("X-Amz-Server-Side-Encryption") != "" || h.Get(CustomerHeader+"Algorithm") != ""
}

// Read sets a new version's encryption: the request's, or else the bucket's
// default.
func Read(c *front.Call, v *s3store.Version) error {
	h := c.Request.Header
	algorithm, key := h.Get("X-Amz-Server-Side-Encryption"), h.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id")
	if h.Get(CustomerHeader+"Algorithm") != "" || h.Get(CustomerHeader+"Key") != "" {
		if algorithm != "" {
			return s3error.InvalidArgument(
				"x-amz-server-side-encryption",
				algorithm,
				"Server Side Encryption with Customer provided key is incompatible with the encryption method "+
					"specified",
			)
		}
		sum, err := customerKey(c, CustomerHeader)
		v.CustomerKey = sum
		return err
	}
	switch algorithm {
	case "":
		if key != "" {
			return s3error.InvalidArgument(
				"x-amz-server-side-encryption-aws-kms-key-id",
				key,
				"The x-amz-server-side-encryption header is required when "+
					"x-amz-server-side-encryption-aws-kms-key-id is given",
			)
		}
		v.Encryption = s3store.Encryption{Algorithm: "AES256"}
		if standard := c.Bucket.Settings().Encryption; standard != nil {
			v.Encryption = *standard
		}
	case "AES256":
		if key != "" {
			return s3error.InvalidArgument(
				"x-amz-server-side-encryption",
				algorithm,
				"x-amz-server-side-encryption-aws-kms-key-id is only for aws:kms",
			)
		}
		v.Encryption = s3store.Encryption{Algorithm: algorithm}
	case "aws:kms", "aws:kms:dsse":
		v.Encryption = s3store.Encryption{
			Algorithm: algorithm,
			KeyID:     key,
			BucketKey: bucketKey(c, algorithm),
		}
	default:
		return s3error.InvalidArgument(
			"x-amz-server-side-encryption",
			algorithm,
			"The encryption method specified is not supported",
		)
	}
	return resolveKey(c, &v.Encryption)
}

// bucketKey reports whether a bucket key encrypts a new version: the request
// says so, or else the bucket's default.
func bucketKey(c *front.Call, algorithm string) bool {
	if algorithm != "aws:kms" {
		return false // bucket keys don't support DSSE-KMS
	}
	if asked := c.Request.Header.Get("X-Amz-Server-Side-Encryption-Bucket-Key-Enabled"); asked != "" {
		return strings.EqualFold(asked, "true")
	}
	standard := c.Bucket.Settings().Encryption
	return standard != nil && standard.BucketKey
}

// WriteHeaders writes the headers that describe a version's encryption.
func WriteHeaders(c *front.Call, v *s3store.Version) {
	h := c.Writer.Header()
	if v.CustomerKey != "" {
		h.Set(CustomerHeader+"Algorithm", "AES256")
		h.Set(CustomerHeader+"Key-Md5", v.CustomerKey)
		return
	}
	if v.Encryption.Algorithm == "" {
		return
	}
	h.Set("X-Amz-Server-Side-Encryption", v.Encryption.Algorithm)
	if key := v.Encryption.KeyID; key != "" {
		h.Set("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", shownKey(c, key))
	}
	if v.Encryption.BucketKey {
		h.Set("X-Amz-Server-Side-Encryption-Bucket-Key-Enabled", "true")
	}
}

// shownKey returns the ARN of a key. The account's own key has a generated
// one.
func shownKey(c *front.Call, key string) string {
	if key != "alias/aws/s3" {
		return key
	}
	return "arn:aws:kms:" + c.Bucket.Region + ":" + c.Bucket.Account + ":key/aws-s3"
}
