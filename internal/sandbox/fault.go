package sandbox

import (
	"context"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

// hit returns the fault that strikes the call, or nil.
func (x *exchange) hit(kind fault.Kind) *fault.Fault { return x.faults.Hit(kind, &x.struck) }

// hitAt is like [exchange.hit] for an object that the call works on but
// doesn't name, such as a copy's source.
func (x *exchange) hitAt(kind fault.Kind, bucket, key string) *fault.Fault {
	struck := x.struck
	struck.Bucket, struck.Key = bucket, key
	return x.faults.Hit(kind, &struck)
}

// identify records the caller, for faults that strike only some callers, and
// applies the clock skew that the caller sees.
func (x *exchange) identify(caller *directory.Caller) {
	x.account = caller.Account
	for _, arn := range []string{caller.ARN, caller.RoleARN, caller.UserARN} {
		if arn != "" {
			x.struck.Principals = append(x.struck.Principals, arn)
		}
	}
	if skew := x.hit(fault.Skew); skew != nil {
		x.now = x.now.Add(skew.Delay)
		x.w.Header().Set("Date", x.now.UTC().Format(http.TimeFormat))
	}
}

// breakDown returns the error of an unavailable service, or slows or cuts the
// response that follows.
func (x *exchange) breakDown(ctx context.Context) error {
	for _, kind := range []fault.Kind{fault.Throttle, fault.Internal, fault.Unavailable} {
		if x.hit(kind) != nil {
			return breakdown(x.service, kind)
		}
	}
	if x.service == "sts" && x.hit(fault.RegionDisabled) != nil {
		return awserror.New(
			http.StatusForbidden,
			"RegionDisabledException",
			"STS is not activated in this region for account:%s. Your account administrator can activate STS in "+
				"this region using the IAM Console.",
			x.account,
		)
	}
	if slow := x.hit(fault.Slow); slow != nil {
		x.w.ResponseWriter = slow.SlowWriter(ctx, x.w.ResponseWriter)
	}
	if cut := x.hit(fault.Cut); cut != nil {
		x.w.ResponseWriter = cut.CutWriter(x.w.ResponseWriter)
	}
	return nil
}

// breakdown returns the error that a service responds with when it is
// unavailable.
func breakdown(service string, kind fault.Kind) error {
	switch {
	case service == "s3" && kind == fault.Throttle:
		return awserror.New(http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.")
	case service == "sqs" && kind == fault.Throttle:
		return awserror.New(http.StatusBadRequest, "RequestThrottled", "Rate exceeded")
	case service == "kms" && kind == fault.Throttle:
		return awserror.New(http.StatusBadRequest, "ThrottlingException", "Rate exceeded")
	case kind == fault.Throttle:
		return awserror.New(http.StatusBadRequest, "Throttling", "Rate exceeded")
	case kind == fault.Internal:
		return awserror.New(
			http.StatusInternalServerError,
			"InternalError",
			"We encountered an internal error. Please try again.",
		)
	case service == "s3":
		return awserror.New(http.StatusServiceUnavailable, "ServiceUnavailable", "Service is unable to handle request.")
	default:
		return awserror.New(
			http.StatusServiceUnavailable,
			"ServiceUnavailable",
			"The request has failed due to a temporary failure of the server.",
		)
	}
}
