// Package sigv4 verifies AWS Signature Version 4 on the server side: in the
// Authorization header, in the query of a presigned URL, and chunk by chunk in
// a streamed body, with or without signed trailers.
//
// See
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html.
//
// Call [Parse], then [Signature.Verify] with the secret of the key that the
// signature names, then [Signature.Body] for the body. Don't trust the result
// of Parse before Verify has returned nil.
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// MaxSkew is the maximum difference between our time and a request's.
const MaxSkew = 15 * time.Minute

// MaxExpires is the maximum lifetime of a presigned URL.
const MaxExpires = 7 * 24 * time.Hour

// Values of x-amz-content-sha256 that are not a hash.
const (
	UnsignedPayload          = "UNSIGNED-PAYLOAD"
	StreamingSigned          = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	StreamingSignedTrailer   = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	StreamingUnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeLayout = "20060102T150405Z"
	terminator = "aws4_request"
)

// EmptyHash is the SHA-256 of empty text, in hex.
const EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// Scope is the date, region and service that a signature is valid for.
type Scope struct {
	Date    string // "20260131", UTC
	Region  string // "us-east-1"
	Service string // "s3", "sts", "iam"
}

// String returns the scope as it is signed.
func (s Scope) String() string {
	return s.Date + "/" + s.Region + "/" + s.Service + "/" + terminator
}

// Signature is a request's claim about its own signature.
type Signature struct {
	AccessKeyID   string
	Scope         Scope
	SignedHeaders []string // lower case, in order
	Value         string   // 64 hex digits
	Time          time.Time
	Token         string        // session token, or empty
	Presigned     bool          // in the query, not in a header
	Expires       time.Duration // of a presigned URL, counted from Time
	stamp         string        // Time as written
}

// SigningKey derives the key that signs within a scope.
func SigningKey(secret string, scope Scope) []byte {
	key := sum([]byte("AWS4"+secret), scope.Date)
	key = sum(key, scope.Region)
	key = sum(key, scope.Service)
	return sum(key, terminator)
}

// Verify returns an error unless the request has the signature that the owner
// of the signing key would make now. payloadHash is the last line of the
// canonical request: x-amz-content-sha256, or the hash of the body where that
// header isn't used.
func (s *Signature) Verify(r *http.Request, signingKey []byte, payloadHash string, now time.Time) error {
	if err := s.checkTime(now); err != nil {
		return err
	}
	if err := s.checkHeaders(r); err != nil {
		return err
	}
	canonical := s.canonicalRequest(r, payloadHash)
	toSign := s.stringToSign(canonical)
	want := hex.EncodeToString(sum(signingKey, toSign))
	if subtle.ConstantTimeCompare([]byte(want), []byte(s.Value)) != 1 {
		return &Error{
			Kind:             Mismatch,
			AccessKeyID:      s.AccessKeyID,
			Claimed:          s.Value,
			StringToSign:     toSign,
			CanonicalRequest: canonical,
		}
	}
	return nil
}

func (s *Signature) checkTime(now time.Time) error {
	if s.Presigned {
		switch {
		case s.Time.Sub(now) > MaxSkew:
			return &Error{Kind: NotYetValid, Time: s.Time}
		case now.Sub(s.Time) > s.Expires:
			return &Error{Kind: Expired, Time: s.Time.Add(s.Expires), Expires: s.Expires}
		}
		return nil
	}
	if s.Time.Sub(now) > MaxSkew || now.Sub(s.Time) > MaxSkew {
		return &Error{Kind: Skewed, Time: s.Time}
	}
	return nil
}

// checkHeaders rejects a signature that doesn't cover the required headers:
// the host and the session token, and for S3 every x-amz- header of the
// request.
func (s *Signature) checkHeaders(r *http.Request) error {
	if !slices.Contains(s.SignedHeaders, "host") {
		return &Error{Kind: HeaderNotSigned, Header: "host"}
	}
	var unsigned []string
	for name := range r.Header {
		name = strings.ToLower(name)
		must := name == "x-amz-security-token" || s.Scope.Service == "s3" && strings.HasPrefix(name, "x-amz-")
		if must && !slices.Contains(s.SignedHeaders, name) &&
			(!s.Presigned || name != "x-amz-content-sha256") {
			unsigned = append(unsigned, name)
		}
	}
	if len(unsigned) == 0 {
		return nil
	}
	slices.Sort(unsigned)
	return &Error{Kind: HeaderNotSigned, Header: strings.Join(unsigned, ", ")}
}

func (s *Signature) stringToSign(canonicalRequest string) string {
	hash := sha256.Sum256([]byte(canonicalRequest))
	return algorithm + "\n" + s.stamp + "\n" + s.Scope.String() + "\n" + hex.EncodeToString(hash[:])
}

func sum(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// Signs reports whether the signature covers a header.
func (s *Signature) Signs(header string) bool { return slices.Contains(s.SignedHeaders, header) }

// IsHash reports whether a text can be the SHA-256 of a payload, in hex.
func IsHash(text string) bool {
	raw, err := hex.DecodeString(text)
	return err == nil && len(raw) == sha256.Size
}

// Hash returns the SHA-256 of a payload, in hex.
func Hash(payload []byte) string {
	hash := sha256.Sum256(payload)
	return hex.EncodeToString(hash[:])
}
