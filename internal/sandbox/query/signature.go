package query

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

const stampLayout = "20060102T150405Z"

// SignatureError returns an error of the signature in the words of IAM and STS.
func SignatureError(r *http.Request, err error, now time.Time) error {
	var e *sigv4.Error
	if !errors.As(err, &e) {
		return err
	}
	refuse := func(status int, code, format string, args ...any) error {
		return awserror.New(status, code, format, args...)
	}
	now = now.UTC()
	header := r.Header.Get("Authorization")
	hash := sha256.Sum256([]byte(header))
	hashed := "(Hashed with SHA-256 and encoded with Base64) Authorization=" + base64.StdEncoding.EncodeToString(
		hash[:],
	)
	switch e.Kind {
	case sigv4.Incomplete:
		if header == "" {
			if e.Part == "X-Amz-Algorithm" {
				return MissingToken()
			}
			part := strings.TrimPrefix(e.Part, "X-Amz-")
			return refuse(
				http.StatusBadRequest,
				"IncompleteSignature",
				"AWS query-string parameters must include 'X-Amz-%s'. Re-examine the query-string parameters.",
				part,
			)
		}
		return refuse(
			http.StatusBadRequest,
			"IncompleteSignature",
			"Authorization header requires '%s' parameter. %s",
			e.Part,
			hashed,
		)
	case sigv4.Malformed:
		return refuse(
			http.StatusBadRequest,
			"IncompleteSignature",
			"Authorization component %q is malformed.",
			cut(e.Part),
		)
	case sigv4.MalformedCredential:
		return refuse(
			http.StatusBadRequest,
			"IncompleteSignature",
			"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '%s'",
			cut(e.Claimed),
		)
	case sigv4.WrongTerminator:
		return refuse(
			http.StatusForbidden,
			"SignatureDoesNotMatch",
			"Credential should be scoped with a valid terminator: 'aws4_request'.",
		)
	case sigv4.MissingDate:
		if header == "" {
			return refuse(
				http.StatusBadRequest,
				"IncompleteSignature",
				"AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.",
			)
		}
		return refuse(
			http.StatusBadRequest,
			"IncompleteSignature",
			"Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. %s",
			hashed,
		)
	case sigv4.MalformedDate:
		return refuse(
			http.StatusBadRequest,
			"IncompleteSignature",
			"Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601",
			cut(e.Claimed),
		)
	case sigv4.DateMismatch, sigv4.MalformedScopeDate:
		return refuse(
			http.StatusBadRequest,
			"SignatureDoesNotMatch",
			"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.",
		)
	case sigv4.UnsupportedAlgorithm:
		if e.Part == "AWS" {
			return refuse(http.StatusBadRequest, "IncompleteSignature", "AWS Signature Version 2 is not supported.")
		}
		if header != "" {
			return MissingToken()
		}
		return refuse(http.StatusForbidden, "MissingAuthenticationToken", "Missing Authentication Token")
	case sigv4.Skewed, sigv4.Expired, sigv4.NotYetValid:
		if e.Time.After(now) {
			return refuse(
				http.StatusForbidden,
				"SignatureDoesNotMatch",
				"Signature not yet current: %s is still later than %s (%s + 15 min.)",
				e.Time.Format(stampLayout),
				now.Add(sigv4.MaxSkew).Format(stampLayout),
				now.Format(stampLayout),
			)
		}
		return refuse(
			http.StatusForbidden,
			"SignatureDoesNotMatch",
			"Signature expired: %s is now earlier than %s (%s - 15 min.)",
			e.Time.Format(stampLayout),
			now.Add(-sigv4.MaxSkew).Format(stampLayout),
			now.Format(stampLayout),
		)
	case sigv4.HeaderNotSigned:
		return refuse(
			http.StatusForbidden,
			"SignatureDoesNotMatch",
			"'%s' must be a 'SignedHeader' in the AWS Authorization.",
			strings.Replace(e.Header, "host", "Host' or ':authority", 1),
		)
	default:
		return refuse(
			http.StatusForbidden,
			"SignatureDoesNotMatch",
			"The request signature we calculated does not match the signature you provided. Check your AWS Secret "+
				"Access Key and signing method. Consult the service documentation for details.",
		)
	}
}

// MissingToken returns the error for an unsigned request.
func MissingToken() error {
	return awserror.New(http.StatusForbidden, "MissingAuthenticationToken", "Request is missing Authentication Token")
}

// InvalidToken returns the error for an unknown key or session token.
func InvalidToken() error {
	return awserror.New(
		http.StatusForbidden,
		"InvalidClientTokenId",
		"The security token included in the request is invalid.",
	)
}

// ExpiredToken returns the error for an expired session.
func ExpiredToken() error {
	return awserror.New(http.StatusForbidden, "ExpiredToken", "The security token included in the request is expired")
}

// WrongScope returns the error for a signature for another service.
func WrongScope(service string) error {
	return awserror.New(
		http.StatusBadRequest,
		"SignatureDoesNotMatch",
		"Credential should be scoped to correct service: '%s'.",
		service,
	)
}

// WrongRegion returns the error for a signature for another Region.
func WrongRegion() error {
	return awserror.New(
		http.StatusForbidden,
		"SignatureDoesNotMatch",
		"Credential should be scoped to a valid region. ",
	)
}

// InvalidAction returns the error for an action that the version doesn't have.
func InvalidAction(action, version string) error {
	return awserror.New(
		http.StatusBadRequest,
		"InvalidAction",
		"Could not find operation %s for version %s",
		cut(action),
		cut(version),
	)
}
