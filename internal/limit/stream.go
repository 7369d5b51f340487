package limit

import (
	"context"
	"time"
)

// ReasonStreams is the reason of an event stream that is refused.
const ReasonStreams = "streams"

// StreamLength is the duration of an event stream. Afterwards the client
// reconnects.
const StreamLength = time.Hour

// Stream turns the request into an event stream of a token or a signed-in
// member. From then on it counts as a stream and no longer as a concurrent
// request, so that waiting clients don't block others. The returned context
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
	stream, ok := l.streams.Acquire(reader)
	if !ok {
		return l.refuse(v.hit(ReasonStreams, "event streams with this token or session"), 0,
			"Close one of the streams.")
	}
	ofNode, ok := l.allStreams.Acquire("")
	if !ok {
		stream.Release()
		return l.refuse(v.hit(ReasonStreams, "event streams"), 0, "Try again later, or poll the state.")
	}
	v.Leave()
	v.request.add(stream)
	v.request.add(ofNode)
	return nil
}
