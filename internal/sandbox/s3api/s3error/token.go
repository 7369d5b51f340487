package s3error

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
)

// InvalidKey returns the error for an unknown access key.
func InvalidKey(id string) error {
	return awserror.New(http.StatusForbidden, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not "+
		"exist in our records.").
		With("AWSAccessKeyId", Cut(id))
}

// InvalidToken returns the error for a session token that doesn't belong to
// the key.
func InvalidToken() error {
	return awserror.New(http.StatusBadRequest, "InvalidToken", "The provided token is malformed or otherwise invalid.")
}

// ExpiredToken returns the error for an expired session.
func ExpiredToken() error {
	return awserror.New(http.StatusBadRequest, "ExpiredToken", "The provided token has expired.")
}
