package front

import (
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
)

// headerKeys are the condition keys of request headers with the same name. See
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys.
var headerKeys = []string{
	"x-amz-acl", "x-amz-content-sha256", "x-amz-copy-source", "x-amz-grant-full-control", "x-amz-grant-read",
	"x-amz-grant-read-acp", "x-amz-grant-write", "x-amz-grant-write-acp", "x-amz-metadata-directive",
	"x-amz-object-ownership", "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id",
	"x-amz-server-side-encryption-customer-algorithm", "x-amz-storage-class", "x-amz-website-redirect-location",
	"if-match", "if-none-match",
}

// commonKeys returns the condition keys that every S3 request can have.
func (c *Call) commonKeys() []authz.Key {
	keys := make([]authz.Key, 0, 16)
	if s := c.Signature; s != nil {
		keys = append(
			keys,
			authz.K("s3:authType", c.authType(s.Presigned)),
			authz.K("s3:signatureversion", "AWS4-HMAC-SHA256"),
		)
		if s.Presigned {
			keys = append(keys, authz.K("s3:signatureAge", strconv.FormatInt(c.Now.Sub(s.Time).Milliseconds(), 10)))
		}
	}
	if s := c.SignatureV2; s != nil {
		keys = append(keys, authz.K("s3:authType", c.authType(s.Presigned)), authz.K("s3:signatureversion", "AWS"))
	}
	if state := c.Request.TLS; state != nil {
		version := map[uint16]string{0x0303: "1.2", 0x0304: "1.3"}[state.Version]
		keys = append(keys, authz.K("s3:TlsVersion", version))
	}
	for _, name := range headerKeys {
		if value := c.Request.Header.Get(name); value != "" {
			if name == "x-amz-copy-source" {
				value = strings.TrimPrefix(value, "/")
			}
			keys = append(keys, authz.K("s3:"+name, value))
		}
	}
	if version := c.Query.Get("versionId"); version != "" {
		keys = append(keys, authz.K("s3:versionid", version))
	}
	return keys
}

// authType returns how a request was signed.
func (c *Call) authType(presigned bool) string {
	switch {
	case c.Posted:
		return "POST"
	case presigned:
		return "REST-QUERY-STRING"
	default:
		return "REST-HEADER"
	}
}
