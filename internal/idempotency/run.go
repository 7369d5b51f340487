package idempotency

import (
	"context"
	"encoding/json"
	"sync"
	"time"
)

// endTimeout limits the work at the end of a run, which the client doesn't cancel.
const endTimeout = 30 * time.Second

// Run is a request that is handled. Keep or Release ends it.
type Run struct {
	service  *Service
	entry    Entry
	ended    chan struct{}
	once     sync.Once
	renewing sync.WaitGroup
}

// renew extends the lease until the run ends.
func (r *Run) renew(ctx context.Context) {
	ticker := time.NewTicker(lease / 3)
	defer ticker.Stop()
	for {
		select {
		case <-r.ended:
			return
		case <-ticker.C:
		}
		held, err := r.service.config.Store.RenewIdempotency(ctx, r.entry.ID, r.entry.Run,
			r.service.config.Now().Add(lease))
		if err == nil && !held {
			return
		}
	}
}

// Keep stores the answer to a request whose query and body have this hash.
func (r *Run) Keep(ctx context.Context, request string, answer *Answer) error {
	ctx, cancel := r.end(ctx)
	defer cancel()
	text, err := json.Marshal(sealed{r.entry.ID, *answer})
	if err != nil {
		return err
	}
	done := r.entry
	if done.Answer, err = r.service.config.Box.Seal(ctx, text); err != nil {
		return err
	}
	done.Request, done.ExpiresAt = request, r.service.config.Now().Add(Keep)
	r.service.count(done.Actor, 0, int64(len(done.Answer)))
	return r.service.config.Store.FinishIdempotency(ctx, done)
}

// Release forgets the request, so that its key can be used again.
func (r *Run) Release(ctx context.Context) error {
	ctx, cancel := r.end(ctx)
	defer cancel()
	r.service.count(r.entry.Actor, -1, 0)
	return r.service.config.Store.ReleaseIdempotency(ctx, r.entry.ID, r.entry.Run)
}

// end stops the renewal, and returns a context for the last step.
func (r *Run) end(ctx context.Context) (context.Context, context.CancelFunc) {
	r.once.Do(func() { close(r.ended) })
	r.renewing.Wait()
	return context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
}
