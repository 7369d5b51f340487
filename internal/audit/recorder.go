package audit

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
)

// The limits of the queue, in entries.
const (
	maxWaiting = 4096 // a caller beyond them waits for room
	maxCommit  = 512
)

// Appender stores entries.
type Appender interface {
	// AppendAudit appends the entries to their workspaces' chains, all of them or
	// none. It returns nil once they are on the disk, and gives up after some
	// seconds.
	AppendAudit(ctx context.Context, chains []Chain) error
}

// Recorder stores entries. Callers during a commit share the next one. It is
// safe for concurrent use.
type Recorder struct {
	appender Appender
	room     chan struct{}

	mu      sync.Mutex
	waiting []waiting
	working bool // a goroutine is committing, and will see waiting again
}

// waiting is an entry that isn't stored yet. The result is sent to done.
type waiting struct {
	workspace string
	draft     Draft
	done      chan<- error
}

// NewRecorder returns a recorder. It needn't be closed, because its goroutine
// ends with the last waiting entry.
func NewRecorder(appender Appender) *Recorder {
	return &Recorder{appender: appender, room: make(chan struct{}, maxWaiting)}
}

// Record stores a decision. It returns nil once the decision is on the disk.
func (r *Recorder) Record(ctx context.Context, decision access.Decision) error {
	wait, err := r.RecordAhead(ctx, decision)
	if err != nil {
		return err
	}
	return wait(ctx)
}

// RecordAhead queues a decision. It is stored once wait returns nil. Call wait
// at most once.
func (r *Recorder) RecordAhead(ctx context.Context,
	decision access.Decision,
) (wait func(context.Context) error, err error) {
	return r.enqueue(ctx, entryOf(decision))
}

// Note stores the result of an action. The entry's outcome is [Done], and it
// has no number and no hash yet.
func (r *Recorder) Note(ctx context.Context, entry Entry) error {
	entry.Outcome = Done
	wait, err := r.enqueue(ctx, entry)
	if err != nil {
		return err
	}
	return wait(ctx)
}

func (r *Recorder) enqueue(ctx context.Context, entry Entry) (func(context.Context) error, error) {
	entry = bounded(entry)
	d, err := draft(&entry)
	if err != nil {
		return nil, err
	}
	select {
	case r.room <- struct{}{}:
	case <-ctx.Done():
		return nil, problem.Wrap(ctx.Err(), problem.Unavailable, "Too many audit entries are waiting to be written.")
	}
	done := make(chan error, 1)
	r.mu.Lock()
	r.waiting = append(r.waiting, waiting{entry.Workspace, d, done})
	if !r.working {
		r.working = true
		go r.work(context.WithoutCancel(ctx)) // the entries of others go with this caller's
	}
	r.mu.Unlock()
	return func(ctx context.Context) error {
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}, nil
}

// work commits until no entry waits.
func (r *Recorder) work(ctx context.Context) {
	for {
		batch := r.take()
		if len(batch) == 0 {
			return
		}
		err := r.appender.AppendAudit(ctx, chains(batch))
		for _, w := range batch {
			w.done <- err
			<-r.room
		}
		runtime.Gosched() // callers that continue immediately share the next commit
	}
}

// Waiting returns the number of entries that aren't stored yet.
func (r *Recorder) Waiting() int { return len(r.room) }

func (r *Recorder) take() []waiting {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := min(len(r.waiting), maxCommit)
	batch := r.waiting[:n:n]
	r.waiting = r.waiting[n:]
	r.working = n > 0
	return batch
}

// chains sorts a batch by workspace, each keeping its order.
func chains(batch []waiting) []Chain {
	var out []Chain
	for _, w := range batch {
		i, found := slices.BinarySearchFunc(out, w.workspace, func(c Chain, workspace string) int {
			return strings.Compare(c.Workspace, workspace)
		})
		if !found {
			out = slices.Insert(out, i, Chain{Workspace: w.workspace})
		}
		out[i].Drafts = append(out[i].Drafts, w.draft)
	}
	return out
}
