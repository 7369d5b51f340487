// Package sigv2 verifies AWS Signature Version 2 of S3 on the server side: in
// the query of a presigned URL, in the Authorization header, and of the policy
// of a browser's form. By default, boto3 and the aws command still presign
// with it in Regions that are older than Version 4.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html.
//
// Call [Parse], then [Signature.Verify] with the secret of the key that the
// signature names. Don't trust the result of Parse before Verify has returned
// nil. The body isn't signed.
package sigv2

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // HMAC-SHA1 is what Version 2 is made of
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"
)

// MaxSkew is the maximum difference between our time and that of a request
// signed in a header.
const MaxSkew = 15 * time.Minute

// Signature is a request's claim about its own signature.
type Signature struct {
	AccessKeyID string
	Value       string    // base64 of an HMAC-SHA1
	Token       string    // session token, or empty
	Presigned   bool      // in the query, not in a header
	Expires     time.Time // of a presigned URL
	Time        time.Time // of a request that is signed in a header
	stamp       string    // the date or the expiry as written, which is what is signed
}

// Served reports whether S3 accepts Version 2 in a region: only those opened
// before 30 January 2014 do. See
// https://docs.aws.amazon.com/general/latest/gr/rande.html#s3_region.
func Served(region string) bool {
	return slices.Contains([]string{
		"us-east-1",
		"us-west-1",
		"us-west-2",
		"eu-west-1",
		"ap-southeast-1",
		"ap-southeast-2",
		"ap-northeast-1",
		"sa-east-1",
		"us-gov-west-1",
	}, region)
}

// Verify returns an error unless the request has the signature that the owner
// of the secret would make now. bucket is the one in the host name, or empty
// in path style. subresource reports which query parameters are signed.
func (s *Signature) Verify(
	r *http.Request,
	secret, bucket string,
	subresource func(name string) bool,
	now time.Time,
) error {
	switch {
	case s.Presigned && !now.Before(s.Expires):
		return &Error{Kind: Expired, Time: s.Expires}
	case !s.Presigned && now.Sub(s.Time).Abs() > MaxSkew:
		return &Error{Kind: Skewed, Time: s.Time}
	}
	path := r.URL.EscapedPath()
	if bucket != "" {
		path = "/" + bucket + path
	}
	err := s.compare(secret, s.stringToSign(r, path, subresource))
	if err != nil && path != "/" && strings.LastIndexByte(path, '/') == 0 &&
		s.compare(secret, s.stringToSign(r, path+"/", subresource)) == nil {
		return nil // a bucket is the same with and without the slash, and botocore always signs the slash
	}
	return err
}

// VerifyText reports whether the signature of a text, such as the policy of a
// form, was made with the secret.
func (s *Signature) VerifyText(secret, text string) error { return s.compare(secret, text) }

func (s *Signature) compare(secret, text string) error {
	if subtle.ConstantTimeCompare([]byte(Sign(secret, text)), []byte(s.Value)) != 1 {
		return &Error{Kind: Mismatch, AccessKeyID: s.AccessKeyID, Claimed: s.Value, StringToSign: text}
	}
	return nil
}

// Sign returns the signature of a text, in base64.
func Sign(secret, text string) string {
	h := hmac.New(sha1.New, []byte(secret))
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}
