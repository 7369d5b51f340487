package audit

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// The limits of summaries.
const (
	flushEvery   = 2 * time.Second
	sealAfter    = 10 * time.Second // after the end of a minute, so that other nodes have stored theirs, too
	maxUnflushed = 15 * time.Second // reads are refused if summaries can't be stored for this long
	maxSummaries = 50_000           // not stored yet; reads beyond are recorded one by one
)

// Summary is the reads of one actor and one resource within a minute.
type Summary struct {
	SummaryKey
	Reads, Rows, Bytes int64
}

// SummaryKey identifies reads that are summarized together.
type SummaryKey struct {
	Minute    time.Time // its start
	Workspace string    // workspace of the entry's chain
	Actor     Actor
	Token     string // ID; empty in a session
	Resource  Resource
	Reason    string // the rule that decided
}

// SummaryStore stores summaries until their minute has ended.
type SummaryStore interface {
	// AddReads adds to the summaries, all or none. It returns nil once they are
	// on the disk.
	AddReads(ctx context.Context, summaries []Summary) error
	// SealReads appends the summaries of minutes that began before a time to their
	// chains, and removes them.
	SealReads(ctx context.Context, before, now time.Time) error
}

// ReadsConfig configures [Reads]. Every field is required.
type ReadsConfig struct {
	Store    SummaryStore
	Recorder *Recorder // records reads that can't be summarised
	Logger   *slog.Logger
	Now      func() time.Time
}

// Reads summarises reads by actor, resource and minute. Counts are on the
// disk within seconds, and in the chain after the minute. It is safe for
// concurrent use.
type Reads struct {
	config ReadsConfig

	mu      sync.Mutex
	waiting map[SummaryKey]*counting // since the last flush
	since   time.Time                // of the first one that waits
	storing time.Time                // the same, of those that are being stored
	sealed  time.Time                // minute up to which summaries are in the chain

	flushing sync.Mutex // held while summaries are stored
	stop     context.CancelFunc
	stopped  sync.WaitGroup
}

// NewReads returns an empty summary. Start stores it periodically.
func NewReads(config ReadsConfig) *Reads {
	return &Reads{config: config, waiting: map[SummaryKey]*counting{}}
}

// counting is a summary that reads are added to until it is taken to be stored.
type counting struct {
	Summary
	taken bool
}

// CountRead counts an allowed read; done adds its rows and bytes. It returns an
// error if summaries couldn't be stored for a while.
func (r *Reads) CountRead(ctx context.Context, d access.Decision) (done func(rows, bytes int64), err error) {
	key := keyOf(&d)
	r.mu.Lock()
	late := isLate(r.since, d.Time) || isLate(r.storing, d.Time)
	full := len(r.waiting) >= maxSummaries && r.waiting[key] == nil
	var s *counting
	if !late && !full {
		s = r.summary(key, d.Time)
		s.Reads++
	}
	r.mu.Unlock()
	switch {
	case late:
		return nil, errLate
	case full:
		return func(int64, int64) {}, r.config.Recorder.Record(ctx, d)
	}
	return func(rows, bytes int64) {
		if rows == 0 && bytes == 0 {
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if s.taken {
			s = r.summary(s.SummaryKey, r.config.Now())
		}
		s.Rows += rows
		s.Bytes += bytes
	}, nil
}

func isLate(since, now time.Time) bool { return !since.IsZero() && now.Sub(since) > maxUnflushed }

var errLate = errors.New("summaries of reads couldn't be stored for 15 seconds")

func keyOf(d *access.Decision) SummaryKey {
	e := entryOf(*d)
	return SummaryKey{
		Minute: d.Time.UTC().Truncate(time.Minute), Workspace: e.Workspace, Actor: e.Actor, Token: d.Actor.Token,
		Resource: e.Resource, Reason: d.Reason,
	}
}

// summary returns the summary of a key, or starts one. The caller holds mu.
func (r *Reads) summary(key SummaryKey, now time.Time) *counting {
	s := r.waiting[key]
	if s == nil {
		s = &counting{Summary: Summary{SummaryKey: key}}
		r.waiting[key] = s
	}
	if r.since.IsZero() {
		r.since = now
	}
	return s
}

// Start stores summaries every few seconds until Stop.
func (r *Reads) Start(ctx context.Context) {
	ctx, r.stop = context.WithCancel(context.WithoutCancel(ctx))
	r.stopped.Go(func() {
		ticker := time.NewTicker(flushEvery)
		defer ticker.Stop()
		for {
			if err := r.Flush(ctx); err != nil && ctx.Err() == nil {
				r.config.Logger.ErrorContext(ctx, telemetry.AuditFailed, "cause", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	})
}

// Stop ends what Start began and stores what was counted.
func (r *Reads) Stop(ctx context.Context) error {
	if r.stop != nil {
		r.stop()
		r.stopped.Wait()
	}
	return r.Flush(ctx)
}

// Flush stores what was counted, and appends summaries of past minutes to the
// chains. Whatever can't be stored is kept for the next flush.
func (r *Reads) Flush(ctx context.Context) error {
	r.flushing.Lock()
	defer r.flushing.Unlock()
	if err := r.store(ctx); err != nil {
		return err
	}
	now := r.config.Now()
	if minute := now.UTC().Add(-time.Minute - sealAfter).Truncate(time.Minute); minute.After(r.sealed) {
		if err := r.config.Store.SealReads(ctx, minute.Add(time.Minute), now); err != nil {
			return err
		}
		r.sealed = minute
	}
	return nil
}

// store stores what was counted since the last time.
func (r *Reads) store(ctx context.Context) error {
	taken := r.take()
	if len(taken) == 0 {
		return nil
	}
	err := r.config.Store.AddReads(ctx, taken)
	r.mu.Lock()
	defer r.mu.Unlock()
	since := r.storing
	r.storing = time.Time{}
	if err == nil {
		return nil
	}
	for i := range taken {
		s := r.summary(taken[i].SummaryKey, since)
		s.Reads += taken[i].Reads
		s.Rows += taken[i].Rows
		s.Bytes += taken[i].Bytes
	}
	r.since = since
	return err
}

// Waiting returns the number of summaries that aren't stored yet.
func (r *Reads) Waiting() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.waiting)
}

func (r *Reads) take() []Summary {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := make([]Summary, 0, len(r.waiting))
	for _, s := range r.waiting {
		s.taken = true
		taken = append(taken, s.cleaned())
	}
	clear(r.waiting)
	r.storing, r.since = r.since, time.Time{}
	return taken
}

// cleaned returns the summary with every text cut to its bound.
func (s *Summary) cleaned() Summary {
	c := *s
	e := bounded(Entry{Workspace: s.Workspace, Actor: s.Actor, Resource: s.Resource, Reason: s.Reason})
	c.Workspace, c.Actor, c.Resource, c.Reason = e.Workspace, e.Actor, e.Resource, e.Reason
	c.Token = clean(s.Token, maxName)
	return c
}

// SealSummaries returns summaries as entries of their chains, in the order of
// the summaries.
func SealSummaries(summaries []Summary, now time.Time) ([]Chain, error) {
	var batch []waiting
	for i := range summaries {
		entry := bounded(summaries[i].entry(now))
		d, err := draft(&entry)
		if err != nil {
			return nil, err
		}
		batch = append(batch, waiting{workspace: entry.Workspace, draft: d})
	}
	return chains(batch), nil
}

// entry returns the entry of a summary. Its time is the current one, as its
// place in the chain requires.
func (s *Summary) entry(now time.Time) Entry {
	e := Entry{
		Workspace: s.Workspace, Time: now, Actor: s.Actor, Action: string(access.DataRead), Resource: s.Resource,
		Outcome: Allowed, Reason: s.Reason, Detail: map[string]string{
			"minute": s.Minute.UTC().Format(time.RFC3339),
			"reads":  strconv.FormatInt(s.Reads, 10),
			"rows":   strconv.FormatInt(s.Rows, 10),
			"bytes":  strconv.FormatInt(s.Bytes, 10),
		},
	}
	if s.Token != "" && s.Token != s.Actor.ID {
		e.Detail["token"] = s.Token
	}
	return e
}
