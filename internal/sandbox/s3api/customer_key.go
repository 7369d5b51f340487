package s3api

import (
	"crypto/md5" //nolint:gosec // S3 checks a customer's key by its MD5
	"encoding/base64"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

const customerHeader = "X-Amz-Server-Side-Encryption-Customer-"

// customerKey reads a key that the customer brings, and gives its MD5; the key
// itself is not kept.
func (c *call) customerKey(prefix string) (string, error) {
	h := c.Request.Header
	algorithm, text, sum := h.Get(prefix+"Algorithm"), h.Get(prefix+"Key"), h.Get(prefix+"Key-Md5")
	if algorithm == "" && text == "" && sum == "" {
		return "", nil
	}
	if algorithm != "AES256" {
		return "", awserror.New(http.StatusBadRequest, "InvalidEncryptionAlgorithmError", "The Encryption request you specified is not valid. Supported value: AES256.")
	}
	if text == "" {
		return "", invalidRequest("Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.")
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != 32 {
		return "", invalidArgument("x-amz-server-side-encryption", algorithm, "The secret key was invalid for the specified algorithm.")
	}
	want := md5.Sum(key) //nolint:gosec // as above
	if sum != base64.StdEncoding.EncodeToString(want[:]) {
		return "", invalidArgument("x-amz-server-side-encryption", algorithm, "The calculated MD5 hash of the key did not match the hash that was provided.")
	}
	return sum, nil
}

// checkCustomerKey holds a read to the customer's key of the object.
func (c *call) checkCustomerKey(v *s3store.Version, prefix string) error {
	sum, err := c.customerKey(prefix)
	switch {
	case err != nil:
		return err
	case v.CustomerKey == "" && sum != "":
		return invalidRequest("The encryption parameters are not applicable to this object.")
	case v.CustomerKey != "" && sum == "":
		return invalidRequest("The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.")
	case v.CustomerKey != sum:
		return accessDenied("Access Denied")
	}
	return nil
}

// sameCustomerKey holds a part to the key of its upload.
func (c *call) sameCustomerKey(v *s3store.Version) error {
	sum, err := c.customerKey(customerHeader)
	switch {
	case err != nil:
		return err
	case v.CustomerKey != "" && sum == "":
		return invalidRequest("The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.")
	case v.CustomerKey != sum:
		return invalidRequest("The provided encryption parameters did not match the ones used originally.")
	}
	return nil
}
