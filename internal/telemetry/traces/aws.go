package traces

import (
	"context"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// AWS records a span for each call of a client of the AWS SDK, with its retries.
func AWS(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Trace",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
			out middleware.InitializeOutput, metadata middleware.Metadata, err error,
		) {
			if !On() {
				return next.HandleInitialize(ctx, in)
			}
			ctx, span := Begin(ctx, "aws "+awsmiddleware.GetServiceID(ctx)+"."+awsmiddleware.GetOperationName(ctx))
			out, metadata, err = next.HandleInitialize(ctx, in)
			span.End(err)
			return out, metadata, err
		}), middleware.After)
}
