// Package problem has the service's error type, for errors that people read
// and programs distinguish. Any error that is not a [*Error] is internal: its
// text goes to the log, never to a client.
package problem

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Code is the kind of a problem, for programs. Codes are stable: they
// are the "code" member of the API's error documents (RFC 9457).
type Code string

// The codes. Their HTTP statuses are in internal/door, their exit statuses in
// internal/cli.
const (
	Invalid          Code = "invalid"                // the request is wrong and will be wrong again
	Unauthenticated  Code = "unauthenticated"        // no credential, or an unknown one
	Forbidden        Code = "forbidden"              // authenticated, but not allowed
	NotFound         Code = "not_found"              // not there, or not the caller's to see
	Conflict         Code = "conflict"               // the state does not allow it now
	Gone             Code = "gone"                   // it was there, and will not be again
	NotAcceptable    Code = "not_acceptable"         // no format that the client accepts
	Precondition     Code = "precondition_failed"    // the client's condition doesn't hold
	TooLarge         Code = "too_large"              // a stated limit is passed
	UnsupportedMedia Code = "unsupported_media_type" // bodies of this media type aren't accepted
	RateLimited      Code = "rate_limited"           // later
	Refused          Code = "refused"                // AWS, or the customer's service, refused
	Unavailable      Code = "unavailable"            // something that is needed doesn't respond
	Internal         Code = "internal"               // our fault; the text is in the log
)

// Error is an error with a reader.
type Error struct {
	Code     Code
	Reason   string    // details for programs, such as "origin_denied"; empty if the code is enough
	Message  string    // what happened, to what, and why: one sentence
	Hint     string    // the next step, if there is one
	Findings []Finding // all faults of an input
	Place    Place     // where in a request the fault is; zero: nowhere
	Cause    error     // for the log; never shown to a client

	Retry time.Duration // of rate_limited and unavailable: when to try again; 0: not known
	Limit Limit         // the limit that it comes from; empty: none
}

// Finding is one fault in an input.
type Finding struct {
	Path    string `json:"path,omitempty" doc:"The member, such as locations[0].prefix."`
	Line    int    `json:"line,omitempty" doc:"From 1."`             // 0 if there is none
	Column  int    `json:"column,omitempty" doc:"From 1, in bytes."` // 0 if there is none
	Message string `json:"message"`
}

// Place is the position of a fault in the parameters of a request.
type Place struct {
	Parameter string
	Column    string // of the dataset
	Position  int    // in the parameter's value, in characters from 1; 0: the whole value
}

// New returns an error whose message is the formatted text. A %w in the format
// is kept as the cause.
func New(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), Cause: errors.Unwrap(err)}
}

// Wrap returns an error with a message for the reader and a cause for the log.
func Wrap(cause error, code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// WithHint returns e with the next step set.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// WithReason returns e with its reason set.
func (e *Error) WithReason(reason string) *Error {
	e.Reason = reason
	return e
}

// WithPlace returns e with its place set.
func (e *Error) WithPlace(place Place) *Error {
	e.Place = place
	return e
}

// WithFindings returns e with its findings set.
func (e *Error) WithFindings(findings ...Finding) *Error {
	e.Findings = findings
	return e
}

// WithRetry returns e with the time after which to try again.
func (e *Error) WithRetry(after time.Duration) *Error {
	e.Retry = after
	return e
}

// RetryAfter returns the value of the Retry-After header, in seconds rounded up
// (RFC 9110, section 10.2.3), or "" if there is none.
func (e *Error) RetryAfter() string {
	if e.Retry <= 0 {
		return ""
	}
	return strconv.FormatInt(int64((e.Retry+time.Second-1)/time.Second), 10)
}

// Error returns the message without the cause, which is for the log.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// From finds the [*Error] in err's chain, or returns one with code [Internal]
// whose message reveals nothing about err.
func From(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{
		Code: Internal, Message: "Something went wrong on our side.",
		Hint: "Try again; the log has the details under this request ID.", Cause: err,
	}
}

// Is reports whether err's chain has an [*Error] with this code.
func Is(err error, code Code) bool {
	if err == nil {
		return false
	}
	var e *Error
	return errors.As(err, &e) && e.Code == code
}
