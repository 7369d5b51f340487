package server

import (
	"context"
	"sync"
	"time"
)

// janitorInterval is how often what was removed long enough ago is deleted.
const janitorInterval = 10 * time.Minute

// janitor deletes what can't be restored any more, on a timer.
type janitor struct {
	cancel   context.CancelFunc
	done     sync.WaitGroup
	archived time.Time // the day on which the audit was last archived
}

// startJanitor starts the timer; stop ends it and waits.
func (s *Server) startJanitor(ctx context.Context) {
	ctx, s.janitor.cancel = context.WithCancel(ctx)
	s.janitor.done.Go(func() {
		ticker := time.NewTicker(janitorInterval)
		defer ticker.Stop()
		for {
			s.purge(ctx)
			s.archiveAudit(ctx)
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	})
}

func (j *janitor) stop() {
	if j.cancel != nil {
		j.cancel()
	}
	j.done.Wait()
}

func (s *Server) purge(ctx context.Context) {
	purged, err := s.datasets.Purge(ctx)
	if err != nil && ctx.Err() == nil {
		s.config.Logger.ErrorContext(ctx, "purging removed datasets failed", "error", err)
	}
	if purged > 0 {
		s.config.Logger.InfoContext(ctx, "removed datasets purged", "count", purged)
	}
}
