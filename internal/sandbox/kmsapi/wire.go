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

// WriteError answers a call with an error. What the other services call by
// another name has its name here.
func WriteError(w http.ResponseWriter, err error) {
	e := awserror.From(err)
	code, status := e.Code, e.Status
	switch code {
	case "SignatureDoesNotMatch", "RequestTimeTooSkewed":
		code, status = "InvalidSignatureException", http.StatusBadRequest
	case "InvalidClientTokenId":
		code, status = "UnrecognizedClientException", http.StatusBadRequest
	case "ExpiredToken":
		code, status = "ExpiredTokenException", http.StatusBadRequest
	case "MissingAuthenticationToken":
		code, status = "MissingAuthenticationTokenException", http.StatusBadRequest
	case "IncompleteSignature":
		code, status = "IncompleteSignatureException", http.StatusBadRequest
	case "InternalError":
		code = "KMSInternalException"
	case "ServiceUnavailable":
		code = "DependencyTimeoutException"
	}
	text, _ := json.Marshal(map[string]string{"__type": code, "message": e.Message}) // strings cannot fail
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(text) // the caller is gone: there is nobody to tell
}
