package sigv4

import "time"

// Kind is the problem of a signature. Each API has its own codes and messages
// for them.
type Kind int

// The kinds.
const (
	Incomplete           Kind = iota + 1 // a part is missing; Part names it
	Malformed                            // a part is malformed; Part names it
	UnsupportedAlgorithm                 // not AWS4-HMAC-SHA256; Part names it
	MalformedCredential                  // not five parts; Claimed is the credential
	WrongService                         // the credential is for another service; Claimed names it
	WrongTerminator                      // the credential does not end in aws4_request
	MissingDate                          // neither X-Amz-Date nor Date is present
	MalformedDate                        // the date is malformed; Claimed is its value
	MalformedScopeDate                   // the credential's date is malformed; Claimed is its value
	DateMismatch                         // the credential's date isn't the request's; Claimed and Computed
	NegativeExpires                      // X-Amz-Expires is negative
	LongExpires                          // X-Amz-Expires is above [MaxExpires]
	Skewed                               // Time is too far from now
	NotYetValid                          // the presigned URL is from the future
	Expired                              // the presigned URL expired at Time
	HeaderNotSigned                      // Header must be signed, but isn't
	Mismatch                             // the signature doesn't match
	ChunkMismatch                        // the signature of a chunk or the trailer doesn't match
	ChunkMalformed                       // the chunked body is malformed
	ChunkTooSmall                        // a chunk that is not the last has less than [MinChunk] bytes
	TrailerMalformed                     // the trailer is malformed, or isn't the announced one
	PayloadMismatch                      // the body doesn't match the hash; Claimed and Computed
	LengthMismatch                       // the body doesn't have the declared length
	LengthMissing                        // x-amz-decoded-content-length is required
)

// Error is an invalid signature.
type Error struct {
	Kind             Kind
	Presigned        bool   // the signature was in the query
	Part             string // of the authorization: "Credential", "X-Amz-Date", …
	Header           string
	AccessKeyID      string        // of a signature that doesn't match
	Expires          time.Duration // of a presigned URL that has expired
	Time             time.Time
	Claimed          string
	Computed         string
	StringToSign     string
	CanonicalRequest string
}

var kindNames = [...]string{ //nolint:gosec // names of faults, not credentials
	Incomplete:           "incomplete signature",
	Malformed:            "malformed signature",
	UnsupportedAlgorithm: "unsupported algorithm",
	MalformedCredential:  "malformed credential",
	WrongService:         "wrong service",
	WrongTerminator:      "wrong terminator",
	MissingDate:          "date is missing",
	MalformedDate:        "malformed date",
	MalformedScopeDate:   "malformed credential date",
	NegativeExpires:      "negative expiry",
	LongExpires:          "expiry too far away",
	DateMismatch:         "credential date does not match",
	Skewed:               "request time too skewed",
	NotYetValid:          "request is not yet valid",
	Expired:              "request has expired",
	HeaderNotSigned:      "header not signed",
	Mismatch:             "signature does not match",
	ChunkMismatch:        "chunk signature does not match",
	ChunkMalformed:       "malformed chunk",
	ChunkTooSmall:        "chunk too small",
	TrailerMalformed:     "malformed trailer",
	PayloadMismatch:      "payload hash does not match",
	LengthMismatch:       "length does not match",
	LengthMissing:        "decoded length is missing",
}

// Error returns the kind and the invalid part. It never contains a secret.
func (e *Error) Error() string {
	text := kindNames[e.Kind]
	if e.Part != "" {
		text += ": " + e.Part
	}
	if e.Header != "" {
		text += ": " + e.Header
	}
	return text
}
