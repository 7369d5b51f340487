package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// SourceEvents is the queue that receives the events of a source's bucket.
type SourceEvents struct {
	Source           string             `json:"source"` // ID
	Queue            string             `json:"queue"`  // ARN
	Route            string             `json:"route"`  // direct, sns, eventbridge
	KMSKeyARN        string             `json:"kms_key_arn,omitempty"`
	SenderARN        string             `json:"sender_arn,omitempty"`
	WindowSeconds    int                `json:"window_seconds"`
	MaxObjects       int                `json:"max_objects"`
	ListEverySeconds int                `json:"list_every_seconds"`
	State            string             `json:"state"` // unproven, listening, partial, silent, failing, attention, paused
	Reason           string             `json:"reason,omitempty"`
	Hint             string             `json:"hint,omitempty"`
	Schedules        int                `json:"schedules"` // that listen to events
	SetAt            time.Time          `json:"set_at"`
	LastReceive      time.Time          `json:"last_receive,omitzero"`
	LastEvent        time.Time          `json:"last_event,omitzero"`
	TestEvent        time.Time          `json:"test_event,omitzero"`
	Confirm          *SourceEventsTopic `json:"confirm,omitempty"`
	Counts           SourceEventsCounts `json:"counts"`
	Waiting          int                `json:"waiting"`
	OldestWaiting    time.Time          `json:"oldest_waiting,omitzero"`
	LastList         *SourceEventsList  `json:"last_list,omitempty"`
	Version          int64              `json:"version"`
}

// SourceEventsTopic is a subscription of SNS that its owner must confirm.
type SourceEventsTopic struct {
	Topic string `json:"topic"`
	Token string `json:"token"`
}

// SourceEventsCounts counts messages and events by result.
type SourceEventsCounts struct {
	Messages      int64            `json:"messages"`
	Malformed     int64            `json:"malformed"`
	Records       map[string]int64 `json:"records,omitempty"`
	Duplicates    int64            `json:"duplicates"`
	Stale         int64            `json:"stale"`
	Missed        int64            `json:"missed"`
	Loaded        int64            `json:"loaded"`
	Removed       int64            `json:"removed"`
	ReceiveErrors int64            `json:"receive_errors"`
}

// SourceEventsList is the report of a list.
type SourceEventsList struct {
	ID         string      `json:"id"`
	StartedAt  time.Time   `json:"started_at"`
	EndedAt    time.Time   `json:"ended_at"`
	Complete   bool        `json:"complete"`
	Fault      string      `json:"fault,omitempty"`
	Seen       int64       `json:"seen"`
	Matched    int64       `json:"matched"`
	Missed     int64       `json:"missed"`
	Backfilled int64       `json:"backfilled"`
	Gone       int64       `json:"gone"` // loaded objects that the bucket no longer has
	Held       int64       `json:"held"` // of these, objects whose rows stay because they are too many
	Applied    bool        `json:"apply_deletes,omitempty"`
	MissedKeys []MissedKey `json:"missed_keys,omitempty"`
}

// MissedKey is an object without an event.
type MissedKey struct {
	Key      string    `json:"key"`
	Modified time.Time `json:"modified"`
}

// WaitingObject is an object that waits to be loaded.
type WaitingObject struct {
	Key       string    `json:"key"`
	Action    string    `json:"action"` // load, remove, retry, check
	Origin    string    `json:"origin"` // event, list
	FirstSeen time.Time `json:"first_seen"`
	EventAt   time.Time `json:"event_at,omitzero"`
	Attempts  int       `json:"attempts"`
	NextAt    time.Time `json:"next_attempt,omitzero"`
	Exhausted bool      `json:"exhausted,omitempty"`
	Error     string    `json:"error,omitempty"`
}

// SourceEventsSpec sets the queue of a source. Empty fields have their default.
type SourceEventsSpec struct {
	Queue            string `json:"queue"` // ARN or URL
	Route            string `json:"route,omitempty"`
	KMSKeyARN        string `json:"kms_key_arn,omitempty"`
	SenderARN        string `json:"sender_arn,omitempty"`
	WindowSeconds    *int   `json:"window_seconds,omitempty"`
	MaxObjects       int    `json:"max_objects,omitempty"`
	ListEverySeconds int    `json:"list_every_seconds,omitempty"`
}

// SetSourceEvents sets the queue that receives the events of a source's bucket.
func (c *Client) SetSourceEvents(ctx context.Context, source string, spec SourceEventsSpec) (SourceEvents, error) {
	return ask[SourceEvents](ctx, c, http.MethodPut, c.in("sources", source, "events"), nil, spec)
}

// SourceEvents returns the queue of a source, its state and its counts.
func (c *Client) SourceEvents(ctx context.Context, source string) (SourceEvents, error) {
	return ask[SourceEvents](ctx, c, http.MethodGet, c.in("sources", source, "events"), nil, nil)
}

// RemoveSourceEvents stops receiving events. Messages stay in the queue.
func (c *Client) RemoveSourceEvents(ctx context.Context, source string) error {
	_, err := ask[struct{}](ctx, c, http.MethodDelete, c.in("sources", source, "events"), nil, nil)
	return err
}

// PauseSourceEvents receives no events and starts no loads until resumed.
func (c *Client) PauseSourceEvents(ctx context.Context, source string) (SourceEvents, error) {
	return ask[SourceEvents](ctx, c, http.MethodPost, c.in("sources", source, "events", "pause"), nil, nil)
}

// ResumeSourceEvents receives events again, and lists the bucket.
func (c *Client) ResumeSourceEvents(ctx context.Context, source string) (SourceEvents, error) {
	return ask[SourceEvents](ctx, c, http.MethodPost, c.in("sources", source, "events", "resume"), nil, nil)
}

// ListSourceEvents lists the bucket to find objects that events missed.
func (c *Client) ListSourceEvents(ctx context.Context, source string) (SourceEvents, error) {
	return ask[SourceEvents](ctx, c, http.MethodPost, c.in("sources", source, "events", "list"), nil, nil)
}

// ApplySourceDeletes lists the bucket, and removes the rows of all deleted objects of
// feeds that remove them, even if they are many.
func (c *Client) ApplySourceDeletes(ctx context.Context, source string) (SourceEvents, error) {
	body := map[string]bool{"apply_deletes": true}
	return ask[SourceEvents](ctx, c, http.MethodPost, c.in("sources", source, "events", "list"), nil, body)
}

// WaitingObjects lists the objects that wait to be loaded, by key; failed selects
// those whose last attempt failed.
func (c *Client) WaitingObjects(ctx context.Context, source string, failed bool, options PageOptions) (
	Page[WaitingObject], error,
) {
	q := url.Values{}
	for name, values := range options.query() {
		q[name] = values
	}
	if failed {
		q.Set("state", "failed")
	}
	return ask[Page[WaitingObject]](ctx, c, http.MethodGet, c.in("sources", source, "events", "objects"), q, nil)
}

// SourceEventsLists lists the reports of lists, newest first.
func (c *Client) SourceEventsLists(ctx context.Context, source string, options PageOptions) (
	Page[SourceEventsList], error,
) {
	return ask[Page[SourceEventsList]](ctx, c, http.MethodGet, c.in("sources", source, "events", "lists"),
		options.query(), nil)
}

// SourceEventsVerification is the result of the checks of a queue.
type SourceEventsVerification struct {
	Source string              `json:"source"`
	Queue  string              `json:"queue"`
	State  string              `json:"state"` // verified, failing
	Checks []SourceEventsCheck `json:"checks"`
	At     time.Time           `json:"at"`
}

// SourceEventsCheck is one check of a queue.
type SourceEventsCheck struct {
	Code      string `json:"code"`
	Status    string `json:"status"` // pass, fail, warn, skip
	Detail    string `json:"detail"`
	CauseCode string `json:"cause_code,omitempty"`
	Fix       *Fix   `json:"fix,omitempty"`
}

// VerifySourceEvents checks the queue of a source with the role that reads it.
func (c *Client) VerifySourceEvents(ctx context.Context, source string) (SourceEventsVerification, error) {
	return ask[SourceEventsVerification](ctx, c, http.MethodPost, c.in("sources", source, "events", "verifications"),
		url.Values{"wait": {"true"}}, nil)
}

// SourceEventsSetup returns what to paste or run to set up the queue of a source, in
// a format: json, cli, terraform, cloudformation or console. An empty route (direct,
// sns, eventbridge) is the one that was set.
func (c *Client) SourceEventsSetup(ctx context.Context, source, format, route string) (string, error) {
	query := url.Values{"format": {format}}
	if route != "" {
		query.Set("route", route)
	}
	return c.text(ctx, c.in("sources", source, "events", "setup"), query)
}
