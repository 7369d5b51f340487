package kmsapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
)

// contentType is that of AWS's JSON protocol. See
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html.
const contentType = "application/x-amz-json-1.1"

// target begins the header that names the action.
const target = "TrentService."

// Action gives the action that a request names, and whether it is one for KMS
// at all.
func Action(r *http.Request) (action string, ok bool) {
	return strings.CutPrefix(r.Header.Get("X-Amz-Target"), target)
}

// Write answers a call with its result; nil when it has none.
func Write(w http.ResponseWriter, result any) error {
	var text []byte
	if result != nil {
		var err error
		if text, err = json.Marshal(result); err != nil {
			return fmt.Errorf("writing the answer: %w", err)
		}
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(text)
	return err
}

// Error gives an error by the name that KMS has for it: of a signature that
// does not hold, and of a service that is out of order.
func Error(err error) error {
	e := *awserror.From(err)
	switch e.Code {
	case "SignatureDoesNotMatch", "RequestTimeTooSkewed":
		e.Code, e.Status = "InvalidSignatureException", http.StatusBadRequest
	case "InvalidClientTokenId":
		e.Code, e.Status = "UnrecognizedClientException", http.StatusBadRequest
	case "ExpiredToken", "MissingAuthenticationToken", "IncompleteSignature":
		e.Code, e.Status = e.Code+"Exception", http.StatusBadRequest
	case "InternalError":
		e.Code = "KMSInternalException"
	case "ServiceUnavailable":
		e.Code = "DependencyTimeoutException"
	}
	return &e
}

// WriteError answers a call with an error.
func WriteError(w http.ResponseWriter, err error) {
	e := awserror.From(err)
	text, _ := json.Marshal(map[string]string{"__type": e.Code, "message": e.Message}) // strings cannot fail
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(e.Status)
	_, _ = w.Write(text) // the caller is gone: there is nobody to tell
}
