package sqsapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/query"
)

// contentType is the content type of AWS's JSON protocol. See
// https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html.
const contentType = "application/x-amz-json-1.0"

// Action returns the action that a request names in a header, and whether the
// request is for SQS.
func Action(r *http.Request) (action string, ok bool) {
	return strings.CutPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.")
}

type jsonService struct {
	jsonProtocol
	*API
}

// Serve decides a call and executes it.
func (s jsonService) Serve(ctx context.Context, in *query.Call) (any, error) { return s.serve(ctx, in) }

type jsonProtocol struct{}

// UnknownAction returns the error for an action that SQS doesn't have.
func (jsonProtocol) UnknownAction(action, _ string) error {
	return bad("UnknownOperationException", "The operation %s is not known.", cut(action))
}

// Write writes the result of a call; a nil result has no document.
func (jsonProtocol) Write(w http.ResponseWriter, _, _ string, result any) error {
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

// Error returns err with the code that SQS uses.
func (jsonProtocol) Error(err error) error {
	e := named(err)
	switch e.Code {
	case "SignatureDoesNotMatch", "RequestTimeTooSkewed":
		e.Code, e.Status = "InvalidSignatureException", http.StatusBadRequest
	case "InvalidClientTokenId":
		e.Code, e.Status = "UnrecognizedClientException", http.StatusBadRequest
	}
	return e
}

// WriteError writes an error with its name in both protocols, as clients of
// the query protocol expect.
func (jsonProtocol) WriteError(w http.ResponseWriter, _ string, err error) {
	e := named(err)
	text, _ := json.Marshal(map[string]string{"__type": shapeOf(e.Code), "message": e.Message}) // strings can't fail
	side, status := "Sender", http.StatusBadRequest
	if e.Status >= http.StatusInternalServerError {
		side, status = "Receiver", e.Status
	}
	w.Header().Set("X-Amzn-Query-Error", e.Code+";"+side)
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(text) // the client may have disconnected
}
