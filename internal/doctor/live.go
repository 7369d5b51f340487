package doctor

import (
	"context"
	"slices"
	"sync"
)

// live is a verification that runs in this process.
type live struct {
	done chan struct{} // closed when it has ended and is stored

	mu      sync.Mutex
	now     Verification
	changed chan struct{} // closed at the next change
}

func newLive(v Verification) *live {
	return &live{now: v, done: make(chan struct{}), changed: make(chan struct{})}
}

// change calls edit with the verification, and wakes up watchers.
func (l *live) change(edit func(*Verification)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	edit(&l.now)
	close(l.changed)
	l.changed = make(chan struct{})
}

// snapshot returns a copy of the verification, and a channel that is closed at
// the next change.
func (l *live) snapshot() (Verification, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := l.now
	v.Checks = slices.Clone(v.Checks)
	return v, l.changed
}

// end sets the final verification and wakes up all who wait.
func (l *live) end(v Verification) {
	l.change(func(now *Verification) { *now = v })
	close(l.done)
}

// follow calls see with the verification at every change until it has ended.
func (l *live) follow(ctx context.Context, see func(Verification) error) error {
	for {
		v, changed := l.snapshot()
		if err := see(v); err != nil || v.State != Running {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}
