package view

import (
	"context"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/windlass-io/windlass/internal/problem"
)

// room is memory that reads of views share.
type room struct {
	bytes int64
	free  *semaphore.Weighted
	wait  time.Duration
}

func newRoom(bytes int64, wait time.Duration) *room {
	return &room{bytes, semaphore.NewWeighted(bytes), wait}
}

// take takes bytes, and waits until enough are free. If that takes too long, the
// error is a problem with code unavailable.
func (r *room) take(ctx context.Context, bytes int64) error {
	bytes = min(bytes, r.bytes)
	if r.free.TryAcquire(bytes) { // also if the wait is so short that it has ended here
		return nil
	}
	waiting, cancel := context.WithTimeout(ctx, r.wait)
	defer cancel()
	if err := r.free.Acquire(waiting, bytes); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return problem.New(problem.Unavailable, "The results of views in use have reached their memory limit.").
			WithReason("busy").
			WithHint("Try again in a moment.")
	}
	return nil
}

// leave frees bytes that were taken.
func (r *room) leave(bytes int64) { r.free.Release(min(bytes, r.bytes)) }
