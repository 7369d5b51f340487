package query

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
)

// JSON is the protocol of services such as KMS, AWS JSON 1.1. See
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html.
type JSON struct {
	Failure     string // the code of an internal error
	Unavailable string // the code of an unavailable service
}

const contentType = "application/x-amz-json-1.1"

// UnknownAction returns the error for an action that the service doesn't have.
func (JSON) UnknownAction(action, _ string) error {
	return awserror.New(
		http.StatusBadRequest, "UnknownOperationException", "The operation %s is not known.", cut(action))
}

// Write writes the result of a call; a nil result has no document.
func (JSON) Write(w http.ResponseWriter, _, _ string, result any) error {
	var text []byte
	if result != nil {
		var err error
		if text, err = json.Marshal(result); err != nil {
			return fmt.Errorf("writing the response: %w", err)
		}
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(text)
	return err
}

// Error returns signature errors, and errors of an unavailable service, with
// the names that the service uses.
func (j JSON) Error(err error) error {
	e := *awserror.From(err)
	switch e.Code {
	case "SignatureDoesNotMatch", "RequestTimeTooSkewed":
		e.Code, e.Status = "InvalidSignatureException", http.StatusBadRequest
	case "InvalidClientTokenId":
		e.Code, e.Status = "UnrecognizedClientException", http.StatusBadRequest
	case "ExpiredToken", "MissingAuthenticationToken", "IncompleteSignature":
		e.Code, e.Status = e.Code+"Exception", http.StatusBadRequest
	case "InternalError":
		e.Code = j.Failure
	case "ServiceUnavailable":
		e.Code = j.Unavailable
	}
	return &e
}

// WriteError writes an error.
func (JSON) WriteError(w http.ResponseWriter, _ string, err error) {
	e := awserror.From(err)
	text, _ := json.Marshal(map[string]string{"__type": e.Code, "message": e.Message}) // strings can't fail
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(e.Status)
	_, _ = w.Write(text) // the client may have disconnected
}
