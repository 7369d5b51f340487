// Package awserror defines errors as AWS's APIs return them: a code, a message
// and an HTTP status. Each API writes them in its own format.
package awserror

import (
	"errors"
	"fmt"
	"net/http"
)

// Error is an error response.
type Error struct {
	Status  int    // HTTP status
	Code    string // such as "NoSuchBucket"
	Message string
	Fields  []Field           // further elements of the XML document, in order
	Header  map[string]string // further response headers
}

// Field is a further element of the error document.
type Field struct{ Name, Value string }

// New returns an error with a formatted message.
func New(status int, code, format string, args ...any) *Error {
	return &Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// With returns e with one more element.
func (e *Error) With(name, value string) *Error {
	e.Fields = append(e.Fields, Field{name, value})
	return e
}

// Error returns code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// From finds the [*Error] in err's chain. For any other error it returns an
// internal error that reveals nothing of err.
func From(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return New(http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again.")
}

// Is reports whether err's chain has an [*Error] with this code.
func Is(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}
