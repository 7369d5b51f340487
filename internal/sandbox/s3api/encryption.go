package s3api

import (
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// namesEncryption says whether a request asks for an encryption of its own.
func (c *call) namesEncryption() bool {
	h := c.Request.Header
	return h.Get("X-Amz-Server-Side-Encryption") != "" || h.Get(customerHeader+"Algorithm") != ""
}

// readEncryption gives a new version its encryption: what the request asks
// for, or what the bucket says. Nothing is encrypted in truth: what is kept is
// who may read.
func (c *call) readEncryption(v *s3store.Version) error {
	h := c.Request.Header
	algorithm, key := h.Get("X-Amz-Server-Side-Encryption"), h.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id")
	if h.Get(customerHeader+"Algorithm") != "" || h.Get(customerHeader+"Key") != "" {
		if algorithm != "" {
			return invalidArgument("x-amz-server-side-encryption", algorithm, "Server Side Encryption with Customer provided key is incompatible with the encryption method specified")
		}
		sum, err := c.customerKey(customerHeader)
		v.CustomerKey = sum
		return err
	}
	switch algorithm {
	case "":
		if key != "" {
			return invalidArgument("x-amz-server-side-encryption-aws-kms-key-id", key, "The x-amz-server-side-encryption header is required when x-amz-server-side-encryption-aws-kms-key-id is given")
		}
		v.Encryption = s3store.Encryption{Algorithm: "AES256"}
		if standard := c.bucket.Settings().Encryption; standard != nil {
			v.Encryption = *standard
		}
	case "AES256":
		if key != "" {
			return invalidArgument("x-amz-server-side-encryption", algorithm, "x-amz-server-side-encryption-aws-kms-key-id is only for aws:kms")
		}
		v.Encryption = s3store.Encryption{Algorithm: algorithm}
	case "aws:kms", "aws:kms:dsse":
		v.Encryption = s3store.Encryption{Algorithm: algorithm, KeyID: key, BucketKey: h.Get("X-Amz-Server-Side-Encryption-Bucket-Key-Enabled") == "true"}
	default:
		return invalidArgument("x-amz-server-side-encryption", algorithm, "The encryption method specified is not supported")
	}
	return c.resolveKey(&v.Encryption)
}

// encryptionHeaders tells how a version is encrypted.
func (c *call) encryptionHeaders(v *s3store.Version) {
	h := c.Writer.Header()
	if v.CustomerKey != "" {
		h.Set(customerHeader+"Algorithm", "AES256")
		h.Set(customerHeader+"Key-Md5", v.CustomerKey)
		return
	}
	if v.Encryption.Algorithm == "" {
		return
	}
	h.Set("X-Amz-Server-Side-Encryption", v.Encryption.Algorithm)
	if key := v.Encryption.KeyID; key != "" {
		h.Set("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", c.shownKey(key))
	}
	if v.Encryption.BucketKey {
		h.Set("X-Amz-Server-Side-Encryption-Bucket-Key-Enabled", "true")
	}
}

// shownKey gives the ARN that stands for the account's own key.
func (c *call) shownKey(key string) string {
	if key != "alias/aws/s3" {
		return key
	}
	return "arn:aws:kms:" + c.bucket.Region + ":" + c.bucket.Account + ":key/aws-s3"
}

// configure changes the bucket's settings and answers with a status.
func (c *call) configure(status int, change func(*s3store.Settings) error) error {
	if err := c.api.config.Store.Configure(c.bucket, change); err != nil {
		return c.storeError(err)
	}
	c.Writer.WriteHeader(status)
	return nil
}
