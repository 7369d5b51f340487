package doctor

import (
	"context"
	"slices"
	"sync"
)

// live is a verification that runs in this process, for those who watch.
type live struct {
	done chan struct{} // closed when it has ended and is kept

	mu      sync.Mutex
	now     Verification
	changed chan struct{} // closed at the next change
}

func newLive(v Verification) *live {
	return &live{now: v, done: make(chan struct{}), changed: make(chan struct{})}
}

// change lets edit change the verification and wakes those who watch.
func (l *live) change(edit func(*Verification)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	edit(&l.now)
	close(l.changed)
	l.changed = make(chan struct{})
}

// snapshot gives the verification as it is, and what tells of the next change.
func (l *live) snapshot() (Verification, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := l.now
	v.Checks = slices.Clone(v.Checks)
	return v, l.changed
}

// end makes v the last word and lets those who wait go.
func (l *live) end(v Verification) {
	l.change(func(now *Verification) { *now = v })
	close(l.done)
}

// follow calls see with every state of the verification until it has ended.
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
