// Package usage counts what tokens read, write, delete and query, by day and
// dataset. A [Counter] gathers counts in memory and adds them to the state every
// few seconds; a [Service] reports them.
package usage

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/telemetry"
)

// Kind is the kind of a request.
type Kind string

// The kinds of requests.
const (
	Read   Kind = "read"
	Write  Kind = "write"
	Delete Kind = "delete"
	Query  Kind = "query"
	Live   Kind = "live"
)

// Console is the token for the requests of members' sessions.
const Console = "console"

// KeepFor is how long counts are stored.
const KeepFor = 400 * 24 * time.Hour

const (
	flushEvery = 10 * time.Second
	maxWaiting = 50_000 // keys that wait to be stored; counts of others are lost
)

// Key identifies counts that are added up.
type Key struct {
	Day       time.Time // midnight UTC
	Workspace string
	Token     string // ID, or Console
	Dataset   string // ID of a dataset or view; empty: no dataset was accessed, or the SQL named none
	Kind      Kind
}

// Counts has sums of counts.
type Counts struct {
	Requests int64 `json:"requests"`
	Refusals int64 `json:"refusals" doc:"Requests that were answered with an error."`
	Rows     int64 `json:"rows"     doc:"Rows that were read, written or deleted."`
	Bytes    int64 `json:"bytes"    doc:"Bytes of bodies that were sent."`
	SQLMS    int64 `json:"sql_ms"   doc:"Milliseconds that SQL ran."`
}

func (c *Counts) add(other *Counts) {
	c.Requests += other.Requests
	c.Refusals += other.Refusals
	c.Rows += other.Rows
	c.Bytes += other.Bytes
	c.SQLMS += other.SQLMS
}

// Measured has the counts of a key and a histogram of latencies.
type Measured struct {
	Key
	Counts
	Took map[int]int64 // requests by bucket; see BucketOf
}

// bucketsPerDoubling is the resolution of latencies: the bounds of a bucket
// differ by at most a fifth.
const bucketsPerDoubling = 4

// BucketOf returns the bucket of a latency.
func BucketOf(took time.Duration) int {
	ms := max(float64(took)/float64(time.Millisecond), 1.0/16)
	return int(math.Ceil(math.Log2(ms) * bucketsPerDoubling))
}

// boundOf returns the longest latency of a bucket, in milliseconds.
func boundOf(bucket int) float64 { return math.Exp2(float64(bucket) / bucketsPerDoubling) }

// Store stores counts; *store.Store implements it.
type Store interface {
	// AddUsage adds to the counts, all or none.
	AddUsage(ctx context.Context, measured []Measured) error
	// Usage sums counts in the groups of the query.
	Usage(ctx context.Context, query *Search) ([]Measured, error)
	// UsageNames returns the names of a workspace's tokens, datasets and views by ID.
	UsageNames(ctx context.Context, workspace string) (map[string]string, error)
	// ForgetUsage deletes the counts of days before a day.
	ForgetUsage(ctx context.Context, before time.Time) error
}

// Config configures a [Counter]. Every field is required.
type Config struct {
	Store  Store
	Logger *slog.Logger
	Now    func() time.Time
}

// Counter counts requests. It is safe for concurrent use.
type Counter struct {
	config Config

	mu       sync.Mutex
	waiting  map[Key]*Measured
	pending  map[owner]spent // sums of waiting
	sums     map[string]sums // of tokens with limits
	flushes  int64           // that stored counts
	flushing sync.Mutex
}

// NewCounter returns a counter without counts.
func NewCounter(config Config) *Counter {
	return &Counter{config: config, waiting: map[Key]*Measured{}, pending: map[owner]spent{}, sums: map[string]sums{}}
}

// Event is a request that was answered.
type Event struct {
	Workspace, Token string
	Kind             Kind
	Refused          bool
	Bytes            int64
	Took             time.Duration
	Note             *Note
}

// Count counts a request that was answered: once for each dataset that it reached.
// Bytes and time are those of the first.
func (c *Counter) Count(e *Event) { c.count(e, 1) }

// CountPart counts what a request has read until now, before the request ends.
// Count counts the rest.
func (c *Counter) CountPart(e *Event) { c.count(e, 0) }

func (c *Counter) count(e *Event, requests int64) {
	day := dayOf(c.config.Now())
	token := e.Token
	if token == "" {
		token = Console
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e.Note.take(func(i int, of noted, sql time.Duration) {
		counted := Counts{Requests: requests, Rows: of.rows}
		if e.Refused {
			counted.Refusals = requests
		}
		if i == 0 {
			counted.Bytes, counted.SQLMS = e.Bytes, sql.Milliseconds()
		}
		if counted == (Counts{}) {
			return
		}
		m := c.add(Key{day, e.Workspace, token, of.dataset, e.Kind}, &counted)
		if m != nil && requests > 0 {
			m.Took[BucketOf(e.Took)]++
		}
	})
}

// add adds counts to the pending ones; nil: too many are pending.
func (c *Counter) add(key Key, counted *Counts) *Measured {
	m := c.waiting[key]
	if m == nil {
		if len(c.waiting) >= maxWaiting {
			return nil
		}
		m = &Measured{Key: key, Took: map[int]int64{}}
		c.waiting[key] = m
	}
	m.add(counted)
	owner := owner{key.Workspace, key.Token}
	pending := c.pending[owner]
	pending.add(key.Day, counted)
	c.pending[owner] = pending
	return m
}

func dayOf(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// Keep stores counts until the context ends, and then once more.
func (c *Counter) Keep(ctx context.Context) {
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			c.Flush(context.WithoutCancel(ctx))
			return
		case <-ticker.C:
			c.Flush(ctx)
		}
	}
}

// Flush stores the pending counts. Counts that can't be stored stay pending.
func (c *Counter) Flush(ctx context.Context) {
	c.flushing.Lock()
	defer c.flushing.Unlock()
	c.mu.Lock()
	taken := c.waiting
	c.waiting, c.pending = map[Key]*Measured{}, map[owner]spent{}
	c.mu.Unlock()
	if len(taken) == 0 {
		return
	}
	list := make([]Measured, 0, len(taken))
	for _, m := range taken {
		list = append(list, *m)
	}
	err := c.config.Store.AddUsage(ctx, list)
	if err == nil {
		c.mu.Lock()
		c.flushes++
		c.mu.Unlock()
		return
	}
	c.config.Logger.ErrorContext(ctx, telemetry.UsageNotStored, "cause", err)
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, m := range taken {
		if now := c.add(key, &m.Counts); now != nil {
			for bucket, n := range m.Took {
				now.Took[bucket] += n
			}
		}
	}
}
