package query

import (
	"errors"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

const stampLayout = "20060102T150405Z"

// SignatureError gives a fault of the signature as IAM and STS answer it.
func SignatureError(err error, now time.Time) error {
	var e *sigv4.Error
	if !errors.As(err, &e) {
		return err
	}
	refuse := func(status int, code, format string, args ...any) error {
		return awserror.New(status, code, format, args...)
	}
	now = now.UTC()
	switch e.Kind {
	case sigv4.Incomplete, sigv4.Malformed:
		return refuse(http.StatusBadRequest, "IncompleteSignature", "Authorization header requires a valid '%s'.", e.Part)
	case sigv4.UnsupportedAlgorithm:
		return refuse(http.StatusBadRequest, "IncompleteSignature", "Unsupported AWS 'algorithm': '%s'.", cut(e.Part))
	case sigv4.Skewed, sigv4.Expired, sigv4.NotYetValid:
		if e.Time.After(now) {
			return refuse(http.StatusForbidden, "SignatureDoesNotMatch", "Signature not yet current: %s is still later than %s (%s + 15 min.)",
				e.Time.Format(stampLayout), now.Add(sigv4.MaxSkew).Format(stampLayout), now.Format(stampLayout))
		}
		return refuse(http.StatusForbidden, "SignatureDoesNotMatch", "Signature expired: %s is now earlier than %s (%s - 15 min.)",
			e.Time.Format(stampLayout), now.Add(-sigv4.MaxSkew).Format(stampLayout), now.Format(stampLayout))
	case sigv4.HeaderNotSigned:
		return refuse(http.StatusForbidden, "SignatureDoesNotMatch", "'%s' must be a 'SignedHeader' in the AWS Authorization.", e.Header)
	default:
		return refuse(http.StatusForbidden, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
}

// MissingToken is the answer to a request without a signature.
func MissingToken() error {
	return awserror.New(http.StatusForbidden, "MissingAuthenticationToken", "Request is missing Authentication Token")
}

// InvalidToken is the answer to a key or session token that is not known.
func InvalidToken() error {
	return awserror.New(http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid.")
}

// ExpiredToken is the answer to a session that is over.
func ExpiredToken() error {
	return awserror.New(http.StatusForbidden, "ExpiredToken", "The security token included in the request is expired")
}
