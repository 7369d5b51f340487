package sigv2

import "time"

// Kind is the problem of a signature.
type Kind int

// The kinds.
const (
	Incomplete  Kind = iota + 1 // a query parameter is missing, empty or repeated
	Malformed                   // the Authorization header is malformed; Claimed is its value
	BadExpires                  // Expires isn't a number of seconds; Claimed is its value
	MissingDate                 // neither x-amz-date nor Date is valid
	Expired                     // the presigned URL expired at Time
	Skewed                      // Time is too far from now
	Mismatch                    // the signature doesn't match
)

// Error is an invalid signature.
type Error struct {
	Kind         Kind
	AccessKeyID  string // of a signature that doesn't match
	Claimed      string
	StringToSign string
	Time         time.Time
}

var kindNames = [...]string{
	Incomplete:  "incomplete signature",
	Malformed:   "malformed signature",
	BadExpires:  "malformed expiry",
	MissingDate: "date is missing",
	Expired:     "request has expired",
	Skewed:      "request time too skewed",
	Mismatch:    "signature does not match",
}

// Error returns the kind. It never contains a secret.
func (e *Error) Error() string { return kindNames[e.Kind] }
