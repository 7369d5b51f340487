package client

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/url"
	"time"
)

// Load is one run that loads a source's objects into a dataset.
type Load struct {
	ID                 string        `json:"id"`
	Kind               string        `json:"kind"`              // load, replay, backfill, rejected, change
	Of                 string        `json:"of,omitempty"`      // the load whose rejected rows are loaded again
	Reasons            []string      `json:"reasons,omitempty"` // of these rows
	Select             *Selection    `json:"select,omitempty"`
	Feed               string        `json:"feed,omitempty"` // ID
	Source             string        `json:"source"`         // ID
	Dataset            string        `json:"dataset"`        // name as requested
	DatasetID          string        `json:"dataset_id"`     // empty until known
	Duplicates         string        `json:"duplicates"`     // ignore, replace
	MaxRejected        *int64        `json:"max_rejected,omitempty"`
	MaxRejectedPercent int           `json:"max_rejected_percent"`
	DryRun             bool          `json:"dry_run"`
	State              string        `json:"state"`             // queued, planning, reading, committing, loaded, failed, cancelled
	Outcome            string        `json:"outcome,omitempty"` // of a loaded load: complete, partial, nothing
	Code               string        `json:"code,omitempty"`    // why it failed or waits
	Progress           LoadProgress  `json:"progress"`
	Problems           []LoadProblem `json:"problems"`
	Notes              []string      `json:"notes"`
	Error              string        `json:"error,omitempty"`
	Hint               string        `json:"hint,omitempty"`
	Attempt            int           `json:"attempt"`
	CreatedAt          time.Time     `json:"created_at"`
	StartedAt          time.Time     `json:"started_at,omitzero"`
	EndedAt            time.Time     `json:"ended_at,omitzero"`
	NextAttemptAt      time.Time     `json:"next_attempt_at,omitzero"` // of a load that waits
}

// LoadProgress counts what a load has done so far.
type LoadProgress struct {
	Objects     int64 `json:"objects"` // to load
	ObjectsDone int64 `json:"objects_done"`
	Known       int64 `json:"known"` // matched, but loaded before
	Bytes       int64 `json:"bytes"`
	BytesRead   int64 `json:"bytes_read"`
	Unpacked    int64 `json:"unpacked"` // bytes after decompression
	Rows        int64 `json:"rows"`
	Rejected    int64 `json:"rejected"`
	NotKept     int64 `json:"rejected_not_kept,omitempty"` // rejected rows that were counted but not stored
	Duplicates  int64 `json:"duplicates"`
	// RowsRemoved counts the rows of older versions, of deleted and of replayed objects.
	RowsRemoved    int64    `json:"rows_removed,omitempty"`
	ObjectsRemoved int64    `json:"objects_removed,omitempty"` // that were deleted
	RateBytes      int64    `json:"rate_bytes,omitempty"`      // that are read each second
	ETASeconds     *int64   `json:"eta_seconds,omitempty"`     // until all are read; nil: unknown
	Current        []string `json:"current,omitempty"`         // keys that are being read, at most 8
	// RejectedByReason counts the rejected rows by their reason.
	RejectedByReason map[string]int64 `json:"rejected_by_reason,omitempty"`
}

// LoadProblem is an object that couldn't be loaded, and the reason. The next load
// tries it again.
type LoadProblem struct {
	Key       string `json:"key"`
	Reason    string `json:"reason"`
	Code      string `json:"code"`
	Retryable bool   `json:"retryable"` // the same bytes may be readable later
}

// LoadSpec describes a new load.
type LoadSpec struct {
	Feed        string `json:"feed,omitempty"`   // ID; or a source and a dataset
	Source      string `json:"source,omitempty"` // ID or name
	Dataset     string `json:"dataset,omitempty"`
	Duplicates  string `json:"duplicates,omitempty"`
	MaxRejected *int64 `json:"max_rejected,omitempty"`
	// MaxRejectedPercent fails an object when this percentage of its rows, and at
	// least one, are rejected. Nil means 100.
	MaxRejectedPercent *int `json:"max_rejected_percent,omitempty"`
	DryRun             bool `json:"dry_run,omitempty"`
	// Kind is "load" (default), "replay", "backfill" or "rejected".
	Kind   string     `json:"kind,omitempty"`
	Select *Selection `json:"select,omitempty"` // of a replay or a backfill
	// Of is the load whose rejected rows are loaded again, and Reasons selects
	// them; empty: all.
	Of      string   `json:"of,omitempty"`
	Reasons []string `json:"reasons,omitempty"`
}

// Selection is the objects of a replay or a backfill. Exactly one field is set.
type Selection struct {
	Keys     []string   `json:"keys,omitempty"`
	Prefix   string     `json:"prefix,omitempty"`
	Modified *TimeRange `json:"modified,omitempty"` // when the object was written
	Loaded   *TimeRange `json:"loaded,omitempty"`   // when it was loaded; replays only
	Load     string     `json:"load,omitempty"`     // that loaded it, by ID; replays only
	All      bool       `json:"all,omitempty"`
}

// TimeRange is a time range. A zero time leaves it open.
type TimeRange struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"` // exclusive
}

// Ended reports whether the load has ended.
func (l Load) Ended() bool {
	return l.State == "loaded" || l.State == "failed" || l.State == "cancelled"
}

// StartLoad queues a load.
func (c *Client) StartLoad(ctx context.Context, spec LoadSpec) (Load, error) {
	return ask[Load](ctx, c, http.MethodPost, c.in("loads"), nil, spec)
}

// LoadFilter selects loads. The zero value selects all.
type LoadFilter struct {
	State   string    // such as failed
	Kind    string    // such as backfill
	Feed    string    // ID
	Source  string    // ID or name
	Dataset string    // name or ID
	Since   time.Time // created then or later
	Until   time.Time // created before
}

func (f LoadFilter) query(options PageOptions) url.Values {
	q := url.Values{}
	maps.Copy(q, options.query())
	for name, value := range map[string]string{
		"state": f.State, "kind": f.Kind, "feed": f.Feed, "source": f.Source, "dataset": f.Dataset,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	for name, at := range map[string]time.Time{"since": f.Since, "until": f.Until} {
		if !at.IsZero() {
			q.Set(name, at.UTC().Format(time.RFC3339Nano))
		}
	}
	return q
}

// FindLoads lists the loads that a filter selects, newest first.
func (c *Client) FindLoads(ctx context.Context, filter LoadFilter, options PageOptions) (Page[Load], error) {
	return ask[Page[Load]](ctx, c, http.MethodGet, c.in("loads"), filter.query(options), nil)
}

// LoadObjects lists the objects that a load recorded, by key.
func (c *Client) LoadObjects(ctx context.Context, id string, options PageOptions) (Page[LedgerEntry], error) {
	return ask[Page[LedgerEntry]](ctx, c, http.MethodGet, c.in("loads", id, "objects"), options.query(), nil)
}

// Loads lists loads, newest first.
func (c *Client) Loads(ctx context.Context, options PageOptions) (Page[Load], error) {
	return ask[Page[Load]](ctx, c, http.MethodGet, c.in("loads"), options.query(), nil)
}

// Load returns a load in its current state.
func (c *Client) Load(ctx context.Context, id string) (Load, error) {
	return ask[Load](ctx, c, http.MethodGet, c.in("loads", id), nil, nil)
}

// pollInterval is the interval at which [Client.WaitLoad] polls.
const pollInterval = 250 * time.Millisecond

// WaitLoad polls until a load has ended. It calls see, unless it is nil, with
// the state after each poll.
func (c *Client) WaitLoad(ctx context.Context, id string, see func(Load)) (Load, error) {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		found, err := c.Load(ctx, id)
		if err != nil {
			return Load{}, err
		}
		if see != nil {
			see(found)
		}
		if found.Ended() {
			return found, nil
		}
		select {
		case <-ctx.Done():
			return found, ctx.Err()
		case <-ticker.C:
		}
	}
}

// CancelLoad cancels a load and discards its rows.
func (c *Client) CancelLoad(ctx context.Context, id string) (Load, error) {
	return ask[Load](ctx, c, http.MethodPost, c.in("loads", id, "cancel"), nil, nil)
}

// RejectFilter selects rejected rows. The zero value selects all.
type RejectFilter struct {
	Reasons []string // any of them, such as "wrong_type"
	Object  string   // key
}

func (f RejectFilter) query() url.Values {
	q := url.Values{}
	for _, reason := range f.Reasons {
		q.Add("reason", reason)
	}
	if f.Object != "" {
		q.Set("object", f.Object)
	}
	return q
}

// Reject is a rejected row.
type Reject struct {
	Object string `json:"object"`
	Line   int64  `json:"line"` // line, or record number, in the object
	Row    int64  `json:"row,omitempty"`
	Column string `json:"column,omitempty"`
	Value  string `json:"value"`
	Reason string `json:"reason,omitempty"`
	Error  string `json:"error"`
	Raw    string `json:"raw,omitempty"` // the record as written; empty for typed files
	// ResolvedBy is the load that accepted the row later.
	ResolvedBy string `json:"resolved_by,omitempty"`
}

// LoadRejects returns the rows that a load rejected, as CSV. The caller closes
// it.
func (c *Client) LoadRejects(ctx context.Context, id string, filter RejectFilter) (io.ReadCloser, error) {
	response, err := c.send(ctx, http.MethodGet, c.in("loads", id, "rejects"), filter.query(), "", nil)
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}

// ListLoadRejects lists the rows that a load rejected.
func (c *Client) ListLoadRejects(ctx context.Context, id string, filter RejectFilter, options PageOptions) (
	Page[Reject], error,
) {
	q := filter.query()
	maps.Copy(q, options.query())
	q.Set("format", "json")
	return ask[Page[Reject]](ctx, c, http.MethodGet, c.in("loads", id, "rejects"), q, nil)
}
