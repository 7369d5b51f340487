package sqsapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/query"
)

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

// jsonProtocol is AWS JSON 1.0 with the names that SQS has for errors. See
// https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html.
type jsonProtocol struct{ query.JSON }

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
func (p jsonProtocol) WriteError(w http.ResponseWriter, _ string, err error) {
	e := named(err)
	side, status := "Sender", http.StatusBadRequest
	if e.Status >= http.StatusInternalServerError {
		side, status = "Receiver", e.Status
	}
	w.Header().Set("X-Amzn-Query-Error", e.Code+";"+side)
	p.WriteFault(w, status, shapeOf(e.Code), e.Message)
}
