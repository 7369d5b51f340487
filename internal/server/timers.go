package server

import (
	"context"
	"sync"
)

// timers runs work on timers until the service stops.
type timers struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// start runs each function until stop. A function must return when its ctx ends.
func (t *timers) start(ctx context.Context, work ...func(context.Context)) {
	ctx, t.cancel = context.WithCancel(ctx)
	for _, do := range work {
		t.done.Go(func() { do(ctx) })
	}
}

// stop ends the work and waits.
func (t *timers) stop() {
	if t.cancel != nil {
		t.cancel()
	}
	t.done.Wait()
}
