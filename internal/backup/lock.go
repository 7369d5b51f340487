package backup

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// A lease lasts so long, and is renewed much more often.
const (
	leaseFor   = 10 * time.Minute
	renewEvery = time.Minute
)

// lock prevents concurrent backups to one place.
type lock struct {
	ID    string    `json:"id"`
	Until time.Time `json:"until"`
}

// maxSmall limits the small files of a place.
const maxSmall = 64 << 10

// take takes the lock of a place. Each call of renew extends it.
func take(
	ctx context.Context,
	place Place,
	now func() time.Time,
) (renew, release func(context.Context) error, err error) {
	mine := lock{ID: rand.Text()}
	body := func() []byte {
		mine.Until = now().UTC().Add(leaseFor)
		text, _ := json.Marshal(mine) // it can't fail
		return text
	}
	err = place.Create(ctx, lockName, body())
	if errors.Is(err, fs.ErrExist) {
		if err = removeStale(ctx, place, now()); err == nil {
			err = place.Create(ctx, lockName, body())
		}
	}
	if errors.Is(err, fs.ErrExist) {
		err = busy(now().Add(leaseFor))
	}
	if err != nil {
		return nil, nil, err
	}
	check := func(ctx context.Context) error {
		held, err := readLock(ctx, place)
		if err == nil && held.ID != mine.ID {
			err = problem.New(problem.Conflict, "Another backup took the lock of this destination.")
		}
		return err
	}
	renew = func(ctx context.Context) error {
		if err := check(ctx); err != nil {
			return err
		}
		return place.Write(ctx, lockName, body())
	}
	release = func(ctx context.Context) error {
		if err := check(ctx); err != nil {
			return err
		}
		return place.Remove(ctx, lockName)
	}
	return renew, release, nil
}

// removeStale removes an expired lock.
func removeStale(ctx context.Context, place Place, now time.Time) error {
	held, err := readLock(ctx, place)
	switch {
	case missing(err):
		return nil
	case err != nil:
		return err
	case held.Until.After(now):
		return busy(held.Until)
	}
	return place.Remove(ctx, lockName)
}

func readLock(ctx context.Context, place Place) (held lock, err error) {
	text, err := readAll(ctx, place, lockName, maxSmall)
	if err != nil {
		return lock{}, err
	}
	if json.Unmarshal(text, &held) != nil {
		return lock{}, problem.New(problem.Conflict, "%s can't be read.", lockName).
			WithHint("Remove it if no backup is running.")
	}
	return held, nil
}

func busy(until time.Time) error {
	return problem.New(problem.Conflict, "Another backup is running in this destination.").
		WithHint("Wait for it to finish. If it was killed, its lock expires at %s.", until.UTC().Format(time.RFC3339))
}

// held runs fn while holding the lock of a place and, if pin isn't nil, a pin. If a
// lease can't be renewed, it cancels fn.
func held(ctx context.Context, place Place, now func() time.Time, pin func(context.Context) error,
	fn func(ctx context.Context, renew func(context.Context) error) error,
) (err error) {
	renew, release, err := take(ctx, place, now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release(context.WithoutCancel(ctx))) }()
	if pin != nil {
		if err := pin(ctx); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	var renewing sync.WaitGroup
	defer renewing.Wait()
	defer cancel(nil)
	renewing.Go(func() {
		ticker := time.NewTicker(renewEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			err := renew(ctx)
			if err == nil && pin != nil {
				err = pin(ctx)
			}
			if err != nil {
				cancel(err)
				return
			}
		}
	})
	err = fn(ctx, renew)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	return err
}
