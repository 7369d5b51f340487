package postgres

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// Retired rows stay for a while for running reads. Reads that take longer pin
// their version.
const (
	grace    = 10 * time.Minute
	pinAfter = time.Minute // older reads have a pin, which is renewed at this interval
	pinFor   = 10 * time.Minute
)

// keepPin pins the version of a read that takes long.
func (e *Engine) keepPin(ctx context.Context, s *snapshot) error {
	now := e.config.Now()
	if now.Sub(s.at) < pinAfter {
		return nil
	}
	if now.Sub(s.at) >= grace { // its rows may be removed by now
		return problem.New(problem.Unavailable, "A read of dataset %s paused for more than %s.", s.ID, grace).
			WithHint("Read again.")
	}
	s.at = now
	if s.pin == "" {
		s.pin = rand.Text()
	}
	_, err := e.pool.Exec(ctx, "INSERT INTO "+e.table("pin")+` (id, dataset, version, until)
		VALUES ($1, $2, $3, now() + $4::interval) ON CONFLICT (id) DO UPDATE SET until = excluded.until`,
		s.pin, s.ID, s.Version, pinFor)
	return unavailable(err, "pinning the version of dataset %s", s.ID)
}

// unpin releases the version of a read.
func (e *Engine) unpin(ctx context.Context, s *snapshot) {
	if s.pin == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, _ = e.pool.Exec(ctx, "DELETE FROM "+e.table("pin")+" WHERE id = $1", s.pin) // the pin also expires by itself
	s.pin = ""
}
