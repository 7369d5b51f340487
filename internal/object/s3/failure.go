package s3

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/object"
)

// keysError means that there were no credentials, so no request was sent.
type keysError struct{ cause error }

func (e *keysError) Error() string { return e.cause.Error() }
func (e *keysError) Unwrap() error { return e.cause }

// failure converts an error of the SDK to a failure of the service. If no
// request was sent, because there were no credentials or the caller gave up,
// it returns an error instead.
func (b *Bucket) failure(ctx context.Context, operation, key string, err error) (*object.Failure, error) {
	var keys *keysError
	if errors.As(err, &keys) {
		return nil, keys.cause
	}
	if cause := context.Cause(ctx); cause != nil {
		return nil, fmt.Errorf("%s on %s: %w", operation, b.address(key), cause)
	}
	f := &object.Failure{Operation: operation, Resource: b.address(key), Message: root(err).Error(), Cause: err}
	if f.Unreached = dial.Unreached(err); f.Unreached != nil {
		f.Message = f.Unreached.Message // its cause is for the log
	}
	var answer *awshttp.ResponseError
	if errors.As(err, &answer) && answer.Response != nil {
		f.Status = object.Answered(answer.HTTPStatusCode(), err)
		f.RequestID = answer.ServiceRequestID()
		f.Region = answer.Response.Header.Get("X-Amz-Bucket-Region")
	}
	// the response may have begun, but isn't complete
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded) {
		f.Status = 0
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		f.Code, f.Message = api.ErrorCode(), api.ErrorMessage()
	}
	return f, nil
}

// root returns the innermost error, which has the reason for a missing response.
func root(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// cut makes the SDK retry responses that broke off, which it doesn't do by
// default.
func cut(err error) aws.Ternary {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}
