package s3

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/windlass-io/windlass/internal/object"
)

// firstBackoff is the longest wait before the first retry.
const firstBackoff = 200 * time.Millisecond

// retryer retries failures that may pass. Unlike the SDK's, it has no quota: a load
// that is throttled for a while slows down instead of failing.
func (c *Config) retryer() *retry.Standard {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = c.Attempts
		o.MaxBackoff = c.MaxBackoff
		o.Backoff = retry.BackoffDelayerFunc(c.backoff)
		o.RateLimiter = ratelimit.None
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(cut))
	})
}

// backoff returns a random wait, whose limit grows tenfold every two attempts.
func (c *Config) backoff(attempt int, _ error) (time.Duration, error) {
	const growth = 10
	most := float64(firstBackoff) * math.Pow(growth, float64(attempt-1)/2)
	limit := time.Duration(min(most, float64(c.MaxBackoff)))
	return rand.N(limit + 1), nil //nolint:gosec // so that not all come back at once; nothing secret
}

// reportThrottles calls [object.ReportThrottle] for each attempt that S3 throttles.
func reportThrottles(stack *middleware.Stack) error {
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("ReportThrottles",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
			middleware.FinalizeOutput, middleware.Metadata, error,
		) {
			out, metadata, err := next.HandleFinalize(ctx, in)
			var answer smithy.APIError
			if errors.As(err, &answer) && object.Throttles(answer.ErrorCode()) {
				object.ReportThrottle(ctx)
			}
			return out, metadata, err
		}), "Retry", middleware.After)
}
