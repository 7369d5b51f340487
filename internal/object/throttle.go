package object

import "context"

type throttleKey struct{}

// OnThrottle returns a context whose calls to buckets report each response that
// asks to slow down, including those that the driver retries. The function must be
// safe for concurrent use.
func OnThrottle(ctx context.Context, fn func()) context.Context {
	return context.WithValue(ctx, throttleKey{}, fn)
}

// ReportThrottle calls the function of [OnThrottle], if there is one.
func ReportThrottle(ctx context.Context) {
	if fn, ok := ctx.Value(throttleKey{}).(func()); ok {
		fn()
	}
}

// Throttles reports whether a code of AWS asks to slow down.
func Throttles(code string) bool {
	switch code {
	case "SlowDown", "Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded",
		"RequestThrottled":
		return true
	}
	return false
}
