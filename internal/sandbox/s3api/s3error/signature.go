package s3error

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

// SignatureError returns an error of the signature, or of the body that it
// covers, as S3 reports it.
func SignatureError(err error, now time.Time) error {
	var e *sigv4.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Kind {
	case sigv4.Incomplete,
		sigv4.Malformed,
		sigv4.MalformedCredential,
		sigv4.WrongTerminator,
		sigv4.MissingDate,
		sigv4.MalformedDate,
		sigv4.MalformedScopeDate,
		sigv4.DateMismatch,
		sigv4.NegativeExpires,
		sigv4.LongExpires,
		sigv4.UnsupportedAlgorithm:
		if e.Presigned {
			return awserror.New(http.StatusBadRequest, "AuthorizationQueryParametersError", "%s", queryFault(e))
		}
		return headerFault(e)
	case sigv4.Skewed, sigv4.Expired, sigv4.NotYetValid:
		return timeFault(e, now)
	case sigv4.HeaderNotSigned:
		return AccessDenied(
			"There were headers present in the request which were not signed",
		).With("HeadersNotSigned", e.Header)
	case sigv4.PayloadMismatch,
		sigv4.ChunkMalformed,
		sigv4.ChunkTooSmall,
		sigv4.TrailerMalformed,
		sigv4.LengthMismatch,
		sigv4.LengthMissing:
		return bodyFault(e)
	default:
		return signatureFault(e)
	}
}

// signatureFault returns the error with the text to sign, as S3 does: the text
// only has what the caller sent, and no secret.
func signatureFault(e *sigv4.Error) error {
	return signatureMismatch(e.AccessKeyID, e.Claimed, e.StringToSign, e.CanonicalRequest)
}

func signatureMismatch(keyID, claimed, toSign, canonical string) error {
	fault := awserror.New(
		http.StatusForbidden,
		"SignatureDoesNotMatch",
		"The request signature we calculated does not match the signature you provided. Check your key and signing "+
			"method.",
	)
	for _, field := range []awserror.Field{
		{Name: "AWSAccessKeyId", Value: Cut(keyID)},
		{Name: "StringToSign", Value: toSign},
		{Name: "SignatureProvided", Value: Cut(claimed)},
		{Name: "StringToSignBytes", Value: hexBytes(toSign)},
		{Name: "CanonicalRequest", Value: canonical},
		{Name: "CanonicalRequestBytes", Value: hexBytes(canonical)},
	} {
		if field.Value != "" {
			fault.Fields = append(fault.Fields, field)
		}
	}
	return fault
}

func hexBytes(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%02x", text[i])
	}
	return b.String()
}

// queryFault describes the error in the parameters of a presigned URL.
func queryFault(e *sigv4.Error) string {
	const parsing = "Error parsing the X-Amz-Credential parameter; "
	switch e.Kind {
	case sigv4.UnsupportedAlgorithm:
		if strings.HasPrefix(e.Part, "AWS4-ECDSA-") {
			return `X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"`
		}
		return `X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"`
	case sigv4.MalformedCredential:
		return parsing + `the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`
	case sigv4.WrongTerminator:
		return parsing + `incorrect terminal "` + Cut(e.Claimed) + `". This endpoint uses "aws4_request".`
	case sigv4.MalformedScopeDate:
		return parsing + `incorrect date format "` + Cut(
			e.Claimed,
		) + `". This date in the credential must be in the format "yyyyMMdd".`
	case sigv4.DateMismatch:
		return `Invalid credential date "` + e.Claimed + `". This date is not the same as X-Amz-Date: "` + e.Computed +
			`".`
	case sigv4.MalformedDate:
		return `X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`
	case sigv4.NegativeExpires:
		return "X-Amz-Expires must be non-negative"
	case sigv4.LongExpires:
		return "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less " +
			"than 604800 seconds"
	case sigv4.Malformed:
		return "X-Amz-Expires should be a number"
	default:
		return "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, " +
			"X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
	}
}

// headerFault describes the error in the Authorization header.
func headerFault(e *sigv4.Error) error {
	malformed := func(text string) error {
		return awserror.New(
			http.StatusBadRequest,
			"AuthorizationHeaderMalformed",
			"The authorization header is malformed; %s",
			text,
		)
	}
	switch e.Kind {
	case sigv4.UnsupportedAlgorithm:
		if e.Part == "AWS" {
			return UnsupportedMechanism()
		}
		if !strings.Contains(e.Claimed, " ") {
			return InvalidArgument(
				"Authorization",
				e.Claimed,
				"Authorization header is invalid -- one and only one ' ' (space) required.",
			)
		}
		return InvalidArgument("Authorization", e.Part, "Unsupported Authorization Type")
	case sigv4.Malformed:
		if e.Part == "x-amz-content-sha256" {
			return InvalidArgument(
				"x-amz-content-sha256",
				e.Claimed,
				"x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "+
					"STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "+
					"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER "+
					"or a valid sha256 value.",
			)
		}
		return malformed(`the authorization component "` + Cut(e.Part) + `" is malformed.`)
	case sigv4.Incomplete:
		if strings.Count(e.Claimed, ",") != 2 {
			return malformed(
				"the authorization header requires three components: Credential, SignedHeaders, and Signature.",
			)
		}
		return malformed("missing " + e.Part + ".")
	case sigv4.MalformedCredential:
		return malformed(`the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`)
	case sigv4.WrongTerminator:
		return malformed(`incorrect terminal "` + Cut(e.Claimed) + `". This endpoint uses "aws4_request".`)
	case sigv4.MalformedScopeDate:
		return malformed(
			`incorrect date format "` + Cut(
				e.Claimed,
			) + `". This date in the credential must be in the format "yyyyMMdd".`,
		)
	case sigv4.DateMismatch:
		return malformed(
			"The authorization header is malformed; Invalid credential date. Date is not the same as X-Amz-Date.",
		)
	default:
		return AccessDenied("AWS authentication requires a valid Date or x-amz-date header.")
	}
}

// CheckScope rejects a signature for another service.
func CheckScope(s *sigv4.Signature) error {
	service := s.Scope.Service
	if service == "s3" {
		return nil
	}
	text := `incorrect service "` + Cut(service) + `". This endpoint belongs to "s3".`
	if s.Presigned {
		return awserror.New(
			http.StatusBadRequest,
			"AuthorizationQueryParametersError",
			"Error parsing the X-Amz-Credential parameter; %s",
			text,
		)
	}
	return awserror.New(
		http.StatusBadRequest,
		"AuthorizationHeaderMalformed",
		"The authorization header is malformed; %s",
		text,
	)
}

// CheckPayload rejects an x-amz-content-sha256 that isn't a hash, or that
// isn't the hash of the empty body when there is no body.
func CheckPayload(r *http.Request, claimed string, now time.Time) error {
	switch {
	case claimed == "" || claimed == sigv4.UnsignedPayload || strings.HasPrefix(claimed, "STREAMING-"):
		return nil
	case !sigv4.IsHash(claimed):
		return SignatureError(&sigv4.Error{Kind: sigv4.Malformed, Part: "x-amz-content-sha256", Claimed: claimed}, now)
	case r.ContentLength == 0 && !strings.EqualFold(claimed, sigv4.EmptyHash):
		return SignatureError(
			&sigv4.Error{Kind: sigv4.PayloadMismatch, Claimed: claimed, Computed: sigv4.EmptyHash},
			now,
		)
	}
	return nil
}

func timeFault(e *sigv4.Error, now time.Time) error {
	switch e.Kind {
	case sigv4.Expired:
		return AccessDenied(
			"Request has expired.",
		).With("X-Amz-Expires", strconv.Itoa(int(e.Expires.Seconds()))).
			With("Expires", serverTime(e.Time)).
			With("ServerTime", serverTime(now))
	case sigv4.NotYetValid:
		return AccessDenied("Request is not valid yet.").With("ServerTime", serverTime(now))
	default:
		return tooSkewed(e.Time, now)
	}
}

func bodyFault(e *sigv4.Error) error {
	switch e.Kind {
	case sigv4.PayloadMismatch:
		return awserror.New(http.StatusBadRequest, "XAmzContentSHA256Mismatch", "The provided "+
			"'x-amz-content-sha256' header does not match what was computed.").
			With("ClientComputedContentSHA256", e.Claimed).
			With("S3ComputedContentSHA256", e.Computed)
	case sigv4.ChunkTooSmall:
		return awserror.New(
			http.StatusBadRequest,
			"InvalidChunkSizeError",
			"Only the last chunk is allowed to have a size less than 8192 bytes",
		)
	case sigv4.TrailerMalformed:
		return awserror.New(
			http.StatusBadRequest,
			"MalformedTrailerError",
			"The request contained trailing data that was not well-formed or did not conform to our published schema.",
		)
	case sigv4.LengthMissing:
		return awserror.New(
			http.StatusLengthRequired,
			"MissingContentLength",
			"You must provide the Content-Length HTTP header.",
		)
	case sigv4.LengthMismatch:
		return LengthMismatch()
	default:
		return IncompleteBody()
	}
}

func serverTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
