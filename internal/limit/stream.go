package limit

import (
	"context"
	"time"
)

// ReasonStreams is the reason of an event stream that is refused.
const ReasonStreams = "streams"

// StreamLength is how long an event stream lasts; then its reader connects again.
const StreamLength = time.Hour

// Stream makes the request an event stream of a token, or of a member who is
// signed in. From then on it counts as a stream and no longer as a request at
// once: a reader who waits keeps nobody else out. The context that it returns
// ends after [StreamLength]; cancel releases it.
func (v *Visit) Stream(ctx context.Context, reader string) (context.Context, context.CancelFunc, error) {
	if err := v.stream(reader); err != nil {
		return ctx, func() {}, err
	}
	streaming, cancel := context.WithTimeout(ctx, StreamLength)
	return streaming, cancel, nil
}

func (v *Visit) stream(reader string) error {
	l := v.limiter
	if l == nil {
		return nil
	}
	release, ok := l.streams.Acquire(reader)
	if !ok {
		return l.refuse(v.hit(ReasonStreams, "event streams with this token or session"), 0,
			"Close one of the streams.")
	}
	releaseNode, ok := l.allStreams.Acquire("")
	if !ok {
		release()
		return l.refuse(v.hit(ReasonStreams, "event streams"), 0, "Try again later, or poll the state.")
	}
	v.Leave()
	v.request = append(v.request, release, releaseNode)
	return nil
}
