package encryption

import (
	"crypto/md5" //nolint:gosec // S3's own digests: they find damage and guard nothing
	"encoding/base64"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// CustomerHeader is the prefix of the headers with a customer's key.
const CustomerHeader = "X-Amz-Server-Side-Encryption-Customer-"

// customerKey validates a key that the customer sends, and returns its MD5. The
// key itself isn't stored.
func customerKey(c *front.Call, prefix string) (string, error) {
	h := c.Request.Header
	algorithm, text, sum := h.Get(prefix+"Algorithm"), h.Get(prefix+"Key"), h.Get(prefix+"Key-Md5")
	if algorithm == "" && text == "" && sum == "" {
		return "", nil
	}
	if algorithm != "AES256" {
		return "", awserror.New(
			http.StatusBadRequest,
			"InvalidEncryptionAlgorithmError",
			"The Encryption request you specified is not valid. Supported value: AES256.",
		)
	}
	if text == "" {
		return "", s3error.InvalidRequest(
			"Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate " +
				"secret key.",
		)
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != 32 {
		return "", s3error.InvalidArgument(
			"x-amz-server-side-encryption",
			algorithm,
			"The secret key was invalid for the specified algorithm.",
		)
	}
	want := md5.Sum(key) //nolint:gosec // as above
	if sum != base64.StdEncoding.EncodeToString(want[:]) {
		return "", s3error.InvalidArgument(
			"x-amz-server-side-encryption",
			algorithm,
			"The calculated MD5 hash of the key did not match the hash that was provided.",
		)
	}
	return sum, nil
}

// CheckCustomerKey checks that a read has the customer's key of the object.
func CheckCustomerKey(c *front.Call, v *s3store.Version, prefix string) error {
	sum, err := customerKey(c, prefix)
	switch {
	case err != nil:
		return err
	case v.CustomerKey == "" && sum != "":
		return s3error.InvalidRequest("The encryption parameters are not applicable to this object.")
	case v.CustomerKey != "" && sum == "":
		return s3error.InvalidRequest(
			"The object was stored using a form of Server Side Encryption. The correct parameters must be provided " +
				"to retrieve the object.",
		)
	case v.CustomerKey != sum:
		return s3error.AccessDenied("Access Denied")
	}
	return nil
}

// CheckPartKey checks that a part has the key of its upload.
func CheckPartKey(c *front.Call, v *s3store.Version) error {
	sum, err := customerKey(c, CustomerHeader)
	switch {
	case err != nil:
		return err
	case v.CustomerKey != "" && sum == "":
		return s3error.InvalidRequest(
			"The multipart upload initiate requested encryption. Subsequent part requests must include the " +
				"appropriate encryption parameters.",
		)
	case v.CustomerKey != sum:
		return s3error.InvalidRequest("The provided encryption parameters did not match the ones used originally.")
	}
	return nil
}
