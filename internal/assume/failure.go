package assume

import (
	"context"
	"errors"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/windlass-io/windlass/internal/object"
)

// failure keeps what is known of a call that was not a success.
func failure(operation, resource string, err error) *object.Failure {
	f := &object.Failure{Operation: operation, Resource: resource, Message: innermost(err).Error(), Cause: err}
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		f.Status, f.RequestID = object.Answered(response.HTTPStatusCode(), err), response.ServiceRequestID()
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded) { // the answer may have begun; it did not come whole
		f.Status = 0
	}
	var answer smithy.APIError
	if errors.As(err, &answer) {
		f.Code, f.Message = answer.ErrorCode(), answer.ErrorMessage()
	}
	return f
}

// innermost is the error at the bottom: the SDK wraps one several times.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// cut has an answer that broke off asked for again: the SDK tells it apart from
// one that cannot be read, and tries neither.
func cut(err error) aws.Ternary {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}
