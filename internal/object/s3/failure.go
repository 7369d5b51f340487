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

// keysError marks that no credentials were to be had, so that nothing was asked
// of the bucket.
type keysError struct{ cause error }

func (e *keysError) Error() string { return e.cause.Error() }
func (e *keysError) Unwrap() error { return e.cause }

// failure turns an error of the SDK into what the other side said. The second
// answer is instead of the first, where the other side was never asked: there
// were no credentials, or the caller gave up.
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
	// the answer may have begun; it did not come whole
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded) {
		f.Status = 0
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		f.Code, f.Message = api.ErrorCode(), api.ErrorMessage()
	}
	return f, nil
}

// root is the innermost error, which alone tells why no answer came.
func root(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
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
