package kmsapi

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
)

// The errors of KMS. Nearly all have status 400. See
// https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html.

func invalid(code, format string, args ...any) error {
	return awserror.New(http.StatusBadRequest, code, format, args...)
}

func denied(message string) error {
	return awserror.New(http.StatusBadRequest, "AccessDeniedException", "%s", message)
}

func notFound(format string, args ...any) error { return invalid("NotFoundException", format, args...) }

func missing(field string) error {
	return invalid(
		"ValidationException",
		"1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null",
		field,
	)
}

func tooLong(field string, most int) error {
	return invalid(
		"ValidationException",
		"1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length less than "+
			"or equal to %d",
		field,
		most,
	)
}

func cut(s string) string { return clip.To(s, 200) }
