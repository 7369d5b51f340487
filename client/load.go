package client

import (
	"context"
	"io"
	"net/http"
	"time"
)

// Load is one run that loads a source's objects into a dataset.
type Load struct {
	ID          string        `json:"id"`
	Source      string        `json:"source"`     // ID
	Dataset     string        `json:"dataset"`    // name as requested
	DatasetID   string        `json:"dataset_id"` // empty until known
	Duplicates  string        `json:"duplicates"` // ignore, replace
	MaxRejected *int64        `json:"max_rejected,omitempty"`
	DryRun      bool          `json:"dry_run"`
	State       string        `json:"state"` // queued, planning, reading, committing, loaded, failed, cancelled
	Progress    LoadProgress  `json:"progress"`
	Problems    []LoadProblem `json:"problems"`
	Notes       []string      `json:"notes"`
	Error       string        `json:"error,omitempty"`
	Hint        string        `json:"hint,omitempty"`
	Attempt     int           `json:"attempt"`
	CreatedAt   time.Time     `json:"created_at"`
	StartedAt   time.Time     `json:"started_at,omitzero"`
	EndedAt     time.Time     `json:"ended_at,omitzero"`
}

// LoadProgress counts what a load has done so far.
type LoadProgress struct {
	Objects     int64 `json:"objects"` // to load
	ObjectsDone int64 `json:"objects_done"`
	Known       int64 `json:"known"` // matched, but loaded before
	Bytes       int64 `json:"bytes"`
	BytesRead   int64 `json:"bytes_read"`
	Rows        int64 `json:"rows"`
	Rejected    int64 `json:"rejected"`
	NotKept     int64 `json:"rejected_not_kept,omitempty"` // rejected rows that were counted but not stored
	Duplicates  int64 `json:"duplicates"`
}

// LoadProblem is an object that couldn't be read, and the reason.
type LoadProblem struct {
	Key    string `json:"key"`
	Reason string `json:"reason"`
}

// LoadSpec describes a new load.
type LoadSpec struct {
	Source      string `json:"source"` // ID or name
	Dataset     string `json:"dataset"`
	Duplicates  string `json:"duplicates,omitempty"`
	MaxRejected *int64 `json:"max_rejected,omitempty"`
	DryRun      bool   `json:"dry_run,omitempty"`
}

// Ended reports whether the load has ended.
func (l Load) Ended() bool {
	return l.State == "loaded" || l.State == "failed" || l.State == "cancelled"
}

// StartLoad queues a load.
func (c *Client) StartLoad(ctx context.Context, spec LoadSpec) (Load, error) {
	return ask[Load](ctx, c, http.MethodPost, c.in("loads"), nil, spec)
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

// LoadRejects returns the rows that a load rejected, as CSV. The caller closes
// it.
func (c *Client) LoadRejects(ctx context.Context, id string) (io.ReadCloser, error) {
	response, err := c.send(ctx, http.MethodGet, c.in("loads", id, "rejects"), nil, "", nil)
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}
