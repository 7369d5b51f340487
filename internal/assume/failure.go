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

// failure describes a failed call.
func failure(operation, resource string, err error) *object.Failure {
	f := &object.Failure{Operation: operation, Resource: resource, Message: innermost(err).Error(), Cause: err}
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		f.Status, f.RequestID = object.Answered(response.HTTPStatusCode(), err), response.ServiceRequestID()
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded) {
		f.Status = 0 // the status line may have arrived, but the response isn't complete
	}
	var apiError smithy.APIError
	if errors.As(err, &apiError) {
		f.Code, f.Message = apiError.ErrorCode(), apiError.ErrorMessage()
	}
	return f
}

// innermost unwraps err to the end. The SDK wraps errors several times.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// isTruncated marks a truncated response as retryable. By default the SDK
// doesn't retry it.
func isTruncated(err error) aws.Ternary {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}
