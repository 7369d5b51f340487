package sigv2

import "time"

// Kind is the problem of a signature.
type Kind int

// The kinds.
const (
	Incomplete  Kind = iota + 1 // a parameter of the query is missing, empty or there twice
	Malformed                   // the Authorization header cannot be read; Claimed is what was given
	BadExpires                  // Expires is no number of seconds; Claimed is what was given
	MissingDate                 // neither x-amz-date nor Date can be read
	Expired                     // a presigned URL that ended at Time
	Skewed                      // Time is too far from now
	Mismatch                    // the signature is another
)

// Error is an invalid signature.
type Error struct {
	Kind         Kind
	AccessKeyID  string // of a signature that does not match
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
