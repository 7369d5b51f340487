package query

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
)

// JSON is the protocol of services such as KMS, AWS JSON. See
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html.
type JSON struct {
	Version     string // "1.0" or "1.1"
	Failure     string // the code of an internal error
	Unavailable string // the code of an unavailable service
}

// Unmarshal unmarshals the parameters of a call.
func Unmarshal(c *Call, into any) error {
	if err := json.Unmarshal(c.Body, into); err != nil {
		return awserror.New(
			http.StatusBadRequest, "SerializationException", "The request body is not valid JSON for %s.", c.Action)
	}
	return nil
}

// UnknownAction returns the error for an action that the service doesn't have.
func (JSON) UnknownAction(action, _ string) error {
	return awserror.New(
		http.StatusBadRequest, "UnknownOperationException", "The operation %s is not known.", cut(action))
}

// Write writes the result of a call; a nil result has no document.
func (j JSON) Write(w http.ResponseWriter, _, _ string, result any) error {
	var text []byte
	if result != nil {
		var err error
		if text, err = json.Marshal(result); err != nil {
			return fmt.Errorf("writing the response: %w", err)
		}
	}
	return j.write(w, http.StatusOK, text)
}

func (j JSON) write(w http.ResponseWriter, status int, text []byte) error {
	w.Header().Set("Content-Type", "application/x-amz-json-"+j.Version)
	w.WriteHeader(status)
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
func (j JSON) WriteError(w http.ResponseWriter, _ string, err error) {
	e := awserror.From(err)
	j.WriteFault(w, e.Status, e.Code, e.Message)
}

// WriteFault writes an error with the name of a shape of the service's model.
func (j JSON) WriteFault(w http.ResponseWriter, status int, shape, message string) {
	text, _ := json.Marshal(map[string]string{"__type": shape, "message": message}) // strings can't fail
	_ = j.write(w, status, text)                                                    // the client may have disconnected
}
