package iamapi

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
)

func noSuchEntity(format string, args ...any) error {
	return awserror.New(http.StatusNotFound, "NoSuchEntity", format, args...)
}

func alreadyExists(format string, args ...any) error {
	return awserror.New(http.StatusConflict, "EntityAlreadyExists", format, args...)
}

func deleteConflict(text string) error {
	return awserror.New(http.StatusConflict, "DeleteConflict", "%s", text)
}

func limitExceeded(format string, args ...any) error {
	return awserror.New(http.StatusConflict, "LimitExceeded", format, args...)
}

func quota(name string, limit int) error {
	return limitExceeded("Cannot exceed quota for %s: %d", name, limit)
}

func invalid(format string, args ...any) error {
	return awserror.New(http.StatusBadRequest, "ValidationError", format, args...)
}

func invalidInput(format string, args ...any) error {
	return awserror.New(http.StatusBadRequest, "InvalidInput", format, args...)
}
