package metrics

import (
	"context"
	"errors"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/prometheus/client_golang/prometheus"
)

type awsMetrics struct {
	calls     *prometheus.CounterVec
	durations *prometheus.HistogramVec
	retries   *prometheus.CounterVec
}

func (a *awsMetrics) register(m *Metrics) {
	a.calls = m.counter("aws_calls_total", "Attempts of calls to AWS.", "service", "operation", "code")
	a.durations = m.histogram("aws_call_duration_seconds", "Time of one attempt of a call to AWS.", quick, "service")
	a.retries = m.counter("aws_retries_total", "Attempts of calls to AWS after the first.", "service")
	zero(a.retries, "S3", "STS", "SQS")
}

// awsCodes has the AWS error codes that are values of the label code; others are
// "other", because a customer's endpoint could invent any number of codes.
var awsCodes = func() map[string]bool {
	codes := map[string]bool{}
	for _, code := range []string{
		"AccessDenied", "AccessDeniedException", "AllAccessDisabled", "AuthorizationHeaderMalformed", "BadDigest",
		"BucketRegionError", "EntityTooLarge", "ExpiredToken", "ExpiredTokenException", "Forbidden", "IncompleteBody",
		"InternalError", "InternalFailure", "InvalidAccessKeyId", "InvalidArgument", "InvalidBucketName",
		"InvalidClientTokenId", "InvalidObjectState", "InvalidRange", "InvalidRequest", "InvalidToken",
		"KMS.DisabledException", "KMS.NotFoundException", "MalformedPolicyDocument", "MethodNotAllowed",
		"MovedPermanently",
		"NoSuchBucket", "NoSuchKey", "NoSuchUpload", "NoSuchVersion", "NotFound", "NotImplemented", "OperationAborted",
		"PackedPolicyTooLarge", "PermanentRedirect", "PreconditionFailed", "QueueDoesNotExist",
		"RegionDisabledException",
		"RequestExpired", "RequestTimeTooSkewed", "RequestTimeout", "ServiceUnavailable", "SignatureDoesNotMatch",
		"SlowDown", "TemporaryRedirect", "Throttling", "ThrottlingException", "TokenRefreshRequired",
		"TooManyRequestsException", "UnauthorizedAccess", "ValidationError", "XMinioServerNotInitialized",
	} {
		codes[code] = true
	}
	return codes
}()

// AWSCode returns the value of the label code for the error of a call.
func AWSCode(err error) string {
	var known smithy.APIError
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.As(err, &known) && awsCodes[known.ErrorCode()]:
		return known.ErrorCode()
	default:
		return "other"
	}
}

// CountCalls is an API option of a client of the AWS SDK: it counts and times each
// attempt of its calls. Each call has a stack of its own.
func (m *Metrics) CountCalls(stack *middleware.Stack) error {
	attempts := 0
	count := middleware.FinalizeMiddlewareFunc("CountCalls",
		func(ctx context.Context, in middleware.FinalizeInput,
			next middleware.FinalizeHandler,
		) (middleware.FinalizeOutput, middleware.Metadata, error) {
			begin := time.Now() //nolint:forbidigo // only the difference counts
			out, metadata, err := next.HandleFinalize(ctx, in)
			attempts++
			service, operation := awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)
			m.aws.calls.WithLabelValues(service, operation, AWSCode(err)).Inc()
			m.aws.durations.WithLabelValues(service).Observe(time.Since(begin).Seconds())
			if attempts > 1 {
				m.aws.retries.WithLabelValues(service).Inc()
			}
			return out, metadata, err
		})
	if _, ok := stack.Finalize.Get("Retry"); ok {
		return stack.Finalize.Insert(count, "Retry", middleware.After)
	}
	return stack.Finalize.Add(count, middleware.Before)
}
