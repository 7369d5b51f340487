// Package s3error has S3's errors and writes them as responses. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
package s3error

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// The errors of S3. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.

// AccessDenied returns the error AccessDenied.
func AccessDenied(format string, args ...any) *awserror.Error {
	return awserror.New(http.StatusForbidden, "AccessDenied", format, args...)
}

// NoSuchBucket returns the error NoSuchBucket.
func NoSuchBucket(name string) error {
	return awserror.New(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist.").
		With("BucketName", name)
}

// NoSuchKey returns the error NoSuchKey.
func NoSuchKey(key string) error {
	return awserror.New(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.").With("Key", key)
}

// NoSuchVersion returns the error NoSuchVersion.
func NoSuchVersion(key, id string) error {
	return awserror.New(http.StatusNotFound, "NoSuchVersion", "The specified version does not exist.").
		With("Key", key).
		With("VersionId", id)
}

// NoSuchUpload returns the error NoSuchUpload.
func NoSuchUpload(id string) error {
	return awserror.New(http.StatusNotFound, "NoSuchUpload", "The specified multipart upload does not exist. The "+
		"upload ID may be invalid, or the upload may have been aborted or completed.").
		With("UploadId", id)
}

// NotImplemented returns the error NotImplemented.
func NotImplemented() error {
	return awserror.New(
		http.StatusNotImplemented,
		"NotImplemented",
		"A header you provided implies functionality that is not implemented.",
	)
}

// MethodNotAllowed returns the error MethodNotAllowed.
func MethodNotAllowed(method, resource string) error {
	return awserror.New(http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed "+
		"against this resource.").
		With("Method", method).
		With("ResourceType", resource)
}

// MalformedXML returns the error for a document with missing or invalid
// elements.
func MalformedXML() error {
	return awserror.New(
		http.StatusBadRequest,
		"MalformedXML",
		"The XML you provided was not well-formed or did not validate against our published schema.",
	)
}

// InvalidArgument returns the error for an invalid value of a header or
// parameter.
func InvalidArgument(name, value, format string, args ...any) error {
	return awserror.New(http.StatusBadRequest, "InvalidArgument", format, args...).
		With("ArgumentName", name).
		With("ArgumentValue", Cut(value))
}

// InvalidRequest returns the error InvalidRequest.
func InvalidRequest(format string, args ...any) error {
	return awserror.New(http.StatusBadRequest, "InvalidRequest", format, args...)
}

// PreconditionFailed returns the error PreconditionFailed.
func PreconditionFailed(condition string) error {
	return awserror.New(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions "+
		"you specified did not hold.").
		With("Condition", condition)
}

// WrongRegion returns the error that redirects the caller to the bucket's
// Region.
func WrongRegion(b *s3store.Bucket, called string) error {
	e := awserror.New(http.StatusMovedPermanently, "PermanentRedirect", "The bucket you are attempting to access "+
		"must be addressed using the specified endpoint. Please send all future requests to this endpoint.").
		With("Endpoint", b.Name+".s3."+b.Region+".amazonaws.com").
		With("Bucket", b.Name).
		With("Region", b.Region)
	_ = called
	return e
}

// IncompleteBody returns the error IncompleteBody.
func IncompleteBody() error {
	return awserror.New(http.StatusBadRequest, "IncompleteBody", "The request body terminated unexpectedly")
}

// LengthMismatch returns the error IncompleteBody.
func LengthMismatch() error {
	return awserror.New(
		http.StatusBadRequest,
		"IncompleteBody",
		"You did not provide the number of bytes specified by the Content-Length HTTP header",
	)
}

// WriteError responds with an error document, or without one to HEAD.
func WriteError(w http.ResponseWriter, r *http.Request, requestID, hostID string, err error) {
	e := awserror.From(err)
	for name, value := range e.Header {
		w.Header().Set(name, value)
	}
	if r.Method == http.MethodHead || e.Status == http.StatusNotModified {
		w.WriteHeader(e.Status)
		return
	}
	var b strings.Builder
	b.WriteString(xml.Header + "<Error>")
	element(&b, "Code", e.Code)
	element(&b, "Message", e.Message)
	for _, field := range e.Fields {
		element(&b, field.Name, field.Value)
	}
	element(&b, "Resource", r.URL.Path)
	element(&b, "RequestId", requestID)
	element(&b, "HostId", hostID)
	b.WriteString("</Error>")
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(e.Status)
	_, _ = io.WriteString(w, b.String()) // the client may have disconnected
}

func element(b *strings.Builder, name, value string) {
	fmt.Fprintf(b, "<%s>", name)
	_ = xml.EscapeText(b, []byte(value)) // a strings.Builder never fails
	fmt.Fprintf(b, "</%s>", name)
}

// Cut shortens the caller's input for an error message.
func Cut(s string) string { return clip.To(s, 1024) }

// TooLong returns the error for a document over a limit in bytes.
func TooLong(limit int) error {
	return awserror.New(http.StatusBadRequest, "MaxMessageLengthExceeded", "Your request was too big.").
		With("MaxMessageLengthBytes", strconv.Itoa(limit))
}

// TooLarge returns the error for a body over a limit in bytes.
func TooLarge(limit int64) error {
	return awserror.New(http.StatusBadRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed "+
		"object size.").
		With("MaxSizeAllowed", strconv.Itoa(int(limit)))
}
