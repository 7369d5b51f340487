package limit

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Policy returns the quota as RateLimit-Policy
// (draft-ietf-httpapi-ratelimit-headers-10).
func (q *Quota) Policy() string { return fmt.Sprintf(`"minute";q=%d;w=60`, q.PerMinute) }

// String returns the quota as RateLimit.
func (q *Quota) String() string { return fmt.Sprintf(`"minute";r=%d;t=%d`, q.Left, q.Reset) }

// RetryAfter returns the header Retry-After for an error, or "" if it isn't a
// [RefusedError].
func RetryAfter(err error) string {
	var refusal *RefusedError
	if !errors.As(err, &refusal) {
		return ""
	}
	return strconv.Itoa(Seconds(refusal.RetryAfter))
}

// Seconds rounds up to whole seconds.
func Seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
