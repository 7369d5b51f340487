package s3api

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/sigv2"
)

// VerifyV2 says whether a request bears the signature of Version 2 that the
// holder of the secret would have made, now.
func (a *API) VerifyV2(s *sigv2.Signature, r *http.Request, secret string, now time.Time) error {
	return s.Verify(r, secret, hostBucket(r.Host), a.signedV2, now)
}

// signedV2 says whether Version 2 signs a parameter of the query: those that
// AWS names, and all by which operations are told apart here, so that a URL
// for one of them is never good for another.
func (a *API) signedV2(name string) bool {
	switch name {
	case "versionId", "partNumber", "storageClass", "defaultObjectAcl", "select-type":
		return true
	}
	if strings.HasPrefix(name, "response-") {
		return true
	}
	for _, s := range a.subresources {
		if s.name == name {
			return true
		}
	}
	return false
}

// SignatureV2Error gives a fault of a signature of Version 2 as S3 answers it.
func SignatureV2Error(err error, now time.Time) error {
	var e *sigv2.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Kind {
	case sigv2.Incomplete:
		return accessDenied("Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
	case sigv2.BadExpires:
		return accessDenied("Invalid date (should be seconds since epoch): %s", cut(e.Claimed))
	case sigv2.Expired:
		return accessDenied("Request has expired").With("Expires", stamp(e.Time)).With("ServerTime", stamp(now))
	case sigv2.Malformed:
		return invalidArgument("Authorization", "AWS "+e.Claimed, "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature")
	case sigv2.MissingDate:
		return accessDenied("AWS authentication requires a valid Date or x-amz-date header")
	case sigv2.Skewed:
		return tooSkewed(e.Time, now)
	default:
		return signatureMismatch(e.AccessKeyID, e.Claimed, e.StringToSign, "")
	}
}

// TwoMechanisms refuses a request that is signed in more than one way.
func TwoMechanisms(r *http.Request) error {
	return invalidArgument("Authorization", r.Header.Get("Authorization"),
		"Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified")
}

func unsupportedMechanism() error {
	return invalidRequest("The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
}

func tooSkewed(at, now time.Time) error {
	return awserror.New(http.StatusForbidden, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.").
		With("RequestTime", at.UTC().Format("20060102T150405Z")).With("ServerTime", stamp(now)).With("MaxAllowedSkewMilliseconds", "900000")
}
