package s3error

import (
	"errors"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/sigv2"
)

// SignatureV2Error returns an error of a Version 2 signature in S3's words.
func SignatureV2Error(err error, now time.Time) error {
	var e *sigv2.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Kind {
	case sigv2.Incomplete:
		return AccessDenied("Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
	case sigv2.BadExpires:
		return AccessDenied("Invalid date (should be seconds since epoch): %s", Cut(e.Claimed))
	case sigv2.Expired:
		return AccessDenied(
			"Request has expired",
		).With("Expires", serverTime(e.Time)).
			With("ServerTime", serverTime(now))
	case sigv2.Malformed:
		return InvalidArgument(
			"Authorization",
			"AWS "+e.Claimed,
			"AWS authorization header is invalid.  Expected AwsAccessKeyId:signature",
		)
	case sigv2.MissingDate:
		return AccessDenied("AWS authentication requires a valid Date or x-amz-date header")
	case sigv2.Skewed:
		return tooSkewed(e.Time, now)
	default:
		return signatureMismatch(e.AccessKeyID, e.Claimed, e.StringToSign, "")
	}
}

// TwoMechanisms rejects a request that is signed in more than one way.
func TwoMechanisms(r *http.Request) error {
	return InvalidArgument(
		"Authorization",
		r.Header.Get("Authorization"),
		"Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "+
			"parameter or the Authorization header should be specified",
	)
}

// UnsupportedMechanism returns the error for Signature Version 2 where Version
// 4 is required.
func UnsupportedMechanism() error {
	return InvalidRequest(
		"The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
	)
}

func tooSkewed(at, now time.Time) error {
	return awserror.New(http.StatusForbidden, "RequestTimeTooSkewed", "The difference between the request time and "+
		"the current time is too large.").
		With("RequestTime", at.UTC().Format("20060102T150405Z")).
		With("ServerTime", serverTime(now)).
		With("MaxAllowedSkewMilliseconds", "900000")
}
