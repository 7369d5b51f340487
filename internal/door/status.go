package door

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/problem"
)

// statuses has the HTTP status of every code.
var statuses = map[problem.Code]int{
	problem.Invalid:          http.StatusUnprocessableEntity,
	problem.Unauthenticated:  http.StatusUnauthorized,
	problem.Forbidden:        http.StatusForbidden,
	problem.NotFound:         http.StatusNotFound,
	problem.Conflict:         http.StatusConflict,
	problem.Gone:             http.StatusGone,
	problem.NotAcceptable:    http.StatusNotAcceptable,
	problem.Precondition:     http.StatusPreconditionFailed,
	problem.TooLarge:         http.StatusRequestEntityTooLarge,
	problem.UnsupportedMedia: http.StatusUnsupportedMediaType,
	problem.RateLimited:      http.StatusTooManyRequests,
	problem.Refused:          http.StatusBadGateway,
	problem.Unavailable:      http.StatusServiceUnavailable,
	problem.Internal:         http.StatusInternalServerError,
}

// StatusOf returns the HTTP status of a problem with a code.
func StatusOf(code problem.Code) int {
	if status, known := statuses[code]; known {
		return status
	}
	return http.StatusInternalServerError
}

// CodeOf returns the code of a problem with an HTTP status that is an error.
func CodeOf(status int) problem.Code {
	for code, s := range statuses {
		if s == status {
			return code
		}
	}
	if status < http.StatusInternalServerError {
		return problem.Invalid
	}
	return problem.Internal
}
