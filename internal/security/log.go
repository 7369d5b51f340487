package security

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// The limits of folding and writing.
const (
	windowLength = 10 * time.Minute
	maxWindows   = 10_000
	maxPending   = 2 * maxWindows // windows that wait for the state; the oldest are dropped beyond it
	maxWrite     = 256            // entries in one transaction
	maxText      = 256            // bytes of a text in an entry
	closeEvery   = 15 * time.Second
	pruneEvery   = time.Hour
)

// Store stores entries.
type Store interface {
	// AppendSecurity links entries to the end of the chain and stores them, all
	// or none. Earlier entries of the same windows are no longer listed.
	AppendSecurity(ctx context.Context, entries []Entry) error
	// PruneSecurity deletes entries from the start of the chain whose last event
	// is before a time. It keeps the last entry.
	PruneSecurity(ctx context.Context, before time.Time) error
}

// LogConfig configures a [Log]. Every field without "optional" is required.
type LogConfig struct {
	Store   Store
	Keep    time.Duration    // entries older than this are deleted
	Observe func(e *Event)   // sees every event before folding; optional
	Logger  *slog.Logger     // reports entries that couldn't be stored
	Now     func() time.Time // clock
}

// Log records events. It is safe for concurrent use.
type Log struct {
	config LogConfig

	mu      sync.Mutex
	open    map[key]*window
	pending []*window // that have something to write
	working bool      // a goroutine writes, and will see pending again

	writing sync.Mutex // held while entries are stored
	stop    context.CancelFunc
	stopped sync.WaitGroup
}

// key identifies events that are folded.
type key struct {
	kind                               Kind
	address, subject, actor, workspace string
}

// window is the events of one key within ten minutes.
type window struct {
	entry   Entry
	written int64 // the count when it was last stored
	next    int64 // the count at which it is stored again
	waits   bool  // it is in pending
}

// NewLog returns a log. Start closes windows periodically; without it, later
// events and Flush close them.
func NewLog(config LogConfig) *Log { return &Log{config: config, open: map[key]*window{}} }

// Record records an event. It doesn't wait for the state. A nil log records
// nothing.
func (l *Log) Record(ctx context.Context, e Event) {
	if l == nil {
		return
	}
	if l.config.Observe != nil {
		l.config.Observe(&e)
	}
	now := l.config.Now().UTC().Truncate(time.Microsecond)
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.window(&e, now)
	w.entry.Count++
	w.entry.Last = now
	w.entry.Method, w.entry.Reason, w.entry.RequestID = short(e.Method), short(e.Reason), short(e.RequestID)
	if w.entry.Count < w.next {
		return
	}
	w.next = 10 * w.entry.Count
	l.wait(w)
	if !l.working {
		l.working = true
		go l.work(context.WithoutCancel(ctx))
	}
}

// window returns the open window of an event, or opens one.
func (l *Log) window(e *Event, now time.Time) *window {
	k := key{e.Kind, Network(e.Address), short(e.Subject), short(e.Actor), short(e.Workspace)}
	w := l.current(k, now)
	if w == nil && len(l.open) >= maxWindows {
		l.closeBefore(now.Add(-windowLength))
	}
	if w == nil && len(l.open) >= maxWindows {
		k = key{kind: e.Kind, address: Many}
		w = l.current(k, now)
	}
	if w == nil {
		w = &window{next: 1, entry: Entry{
			Window: id.New("sec", now), Kind: e.Kind, Address: k.address, Subject: k.subject, Actor: k.actor,
			Workspace: k.workspace, First: now,
		}}
		l.open[k] = w
	}
	return w
}

// current returns the open window of a key; one that ended is closed.
func (l *Log) current(k key, now time.Time) *window {
	w := l.open[k]
	if w != nil && now.Sub(w.entry.First) >= windowLength {
		l.closeWindow(k, w)
		return nil
	}
	return w
}

func (l *Log) closeWindow(k key, w *window) {
	delete(l.open, k)
	if w.written != w.entry.Count {
		l.wait(w)
	}
}

// closeBefore closes the windows that opened at a time or before.
func (l *Log) closeBefore(at time.Time) {
	for k, w := range l.open {
		if !w.entry.First.After(at) {
			l.closeWindow(k, w)
		}
	}
}

func (l *Log) wait(w *window) {
	if w.waits {
		return
	}
	if len(l.pending) >= maxPending {
		l.pending[0].waits = false
		l.pending = l.pending[1:]
	}
	w.waits = true
	l.pending = append(l.pending, w)
}

// work stores waiting entries until there are none.
func (l *Log) work(ctx context.Context) {
	err := l.drain(ctx)
	if err != nil {
		l.config.Logger.ErrorContext(ctx, telemetry.SecurityLogFailed, "cause", err)
	}
}

// drain stores the waiting entries. Entries that couldn't be stored are stored
// with the next events of their windows.
func (l *Log) drain(ctx context.Context) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	for {
		batch, counts := l.take()
		if len(batch) == 0 {
			return nil
		}
		entries := make([]Entry, len(batch))
		l.mu.Lock()
		for i, w := range batch {
			entries[i], counts[i] = w.entry, w.entry.Count
		}
		l.mu.Unlock()
		err := l.config.Store.AppendSecurity(ctx, entries)
		l.mu.Lock()
		for i, w := range batch {
			if err == nil {
				w.written = counts[i]
			}
		}
		l.working = l.working && err == nil
		l.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

func (l *Log) take() (batch []*window, counts []int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(len(l.pending), maxWrite)
	batch, l.pending = l.pending[:n:n], l.pending[n:]
	for _, w := range batch {
		w.waits = false
	}
	l.working = l.working && n > 0
	return batch, make([]int64, n)
}

// Flush closes the windows that have ended and stores the waiting entries.
func (l *Log) Flush(ctx context.Context) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	l.closeBefore(l.config.Now().Add(-windowLength))
	l.mu.Unlock()
	return l.drain(ctx)
}

// Start closes windows and deletes old entries until Stop is called.
func (l *Log) Start(ctx context.Context) {
	ctx, l.stop = context.WithCancel(context.WithoutCancel(ctx))
	l.stopped.Add(1)
	go func() {
		defer l.stopped.Done()
		l.run(ctx)
	}()
}

func (l *Log) run(ctx context.Context) {
	ticker := time.NewTicker(closeEvery)
	defer ticker.Stop()
	var pruned time.Time
	for {
		if now := l.config.Now(); now.Sub(pruned) >= pruneEvery {
			pruned = now
			l.report(ctx, l.config.Store.PruneSecurity(ctx, now.Add(-l.config.Keep)))
		}
		l.report(ctx, l.Flush(ctx))
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (l *Log) report(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		l.config.Logger.ErrorContext(ctx, telemetry.SecurityLogFailed, "cause", err)
	}
}

// Stop closes every window, stores the waiting entries, and stops the
// goroutine of Start.
func (l *Log) Stop(ctx context.Context) error {
	if l == nil {
		return nil
	}
	if l.stop != nil {
		l.stop()
		l.stopped.Wait()
	}
	l.mu.Lock()
	l.closeBefore(l.config.Now())
	l.mu.Unlock()
	return l.drain(ctx)
}

// short truncates a text to its limit and removes characters that a database
// can't store.
func short(s string) string {
	return strings.ReplaceAll(clip.To(s, maxText), "\x00", "")
}
