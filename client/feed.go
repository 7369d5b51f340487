package client

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"time"
)

// Feed loads one source into one dataset. It has the settings of these loads, and
// the ledger.
type Feed struct {
	ID                 string    `json:"id"`
	Source             string    `json:"source"`               // ID
	Dataset            string    `json:"dataset"`              // name
	DatasetID          string    `json:"dataset_id,omitempty"` // empty until the dataset exists
	Duplicates         string    `json:"duplicates"`           // ignore, replace
	MaxRejected        *int64    `json:"max_rejected,omitempty"`
	MaxRejectedPercent int       `json:"max_rejected_percent"`
	Overwritten        string    `json:"overwritten"` // default, append, replace, ignore
	Deleted            string    `json:"deleted"`     // keep, remove
	MaxDeletedPercent  int       `json:"max_deleted_percent"`
	Drift              FeedDrift `json:"drift"`
	ObjectsAtOnce      int       `json:"objects_at_once"`
	Order              string    `json:"order"` // oldest, newest
	FeedColumns
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// FeedSettings has settings of a feed. Nil fields have their default, or stay as they
// are.
type FeedSettings struct {
	Duplicates         *string   `json:"duplicates,omitempty"`
	MaxRejected        *int64    `json:"max_rejected,omitempty"` // -1: any number
	MaxRejectedPercent *int      `json:"max_rejected_percent,omitempty"`
	Overwritten        *string   `json:"overwritten,omitempty"`
	Deleted            *string   `json:"deleted,omitempty"`
	MaxDeletedPercent  *int      `json:"max_deleted_percent,omitempty"`
	Drift              FeedDrift `json:"drift,omitzero"`
	ObjectsAtOnce      *int      `json:"objects_at_once,omitempty"`
	Order              *string   `json:"order,omitempty"`
	FeedColumns
}

// FeedDrift defines what happens if objects differ from the schema of the dataset. Empty
// fields have their default, or stay as they are.
type FeedDrift struct {
	New     string `json:"new,omitempty"`     // add, note, fail
	Missing string `json:"missing,omitempty"` // null, fail
	Changed string `json:"changed,omitempty"` // widen, reject, fail
}

// FeedSpec describes a new feed.
type FeedSpec struct {
	Source  string `json:"source"` // ID or name
	Dataset string `json:"dataset"`
	FeedSettings
}

// FeedChange is a change to a feed.
type FeedChange struct {
	Version int64 `json:"version,omitempty"` // that was read; 0: any
	FeedSettings
}

// FeedFilter selects feeds. The zero value selects all.
type FeedFilter struct {
	Source  string // ID or name
	Dataset string
}

// LedgerEntry is the result of one version of an object in a feed.
type LedgerEntry struct {
	Key      string    `json:"key"`
	Version  string    `json:"version"`
	State    string    `json:"state"` // loaded, replaced, removed, ignored, failed
	Code     string    `json:"code,omitempty"`
	Attempts int       `json:"attempts,omitempty"` // of one that failed
	Reason   string    `json:"reason,omitempty"`
	Load     string    `json:"load"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	Rows     int64     `json:"rows"`
	Rejected int64     `json:"rejected"`
	At       time.Time `json:"at"`
}

// LedgerFilter selects entries of a ledger. The zero value selects all.
type LedgerFilter struct {
	State  string
	Prefix string // of the keys
}

// CreateFeed creates a feed. A load or a schedule creates it with default settings,
// too.
func (c *Client) CreateFeed(ctx context.Context, spec FeedSpec) (Feed, error) {
	return ask[Feed](ctx, c, http.MethodPost, c.in("feeds"), nil, spec)
}

// Feeds lists feeds, oldest first.
func (c *Client) Feeds(ctx context.Context, filter FeedFilter, options PageOptions) (Page[Feed], error) {
	q := url.Values{}
	maps.Copy(q, options.query())
	setGiven(q, map[string]string{"source": filter.Source, "dataset": filter.Dataset})
	return ask[Page[Feed]](ctx, c, http.MethodGet, c.in("feeds"), q, nil)
}

// setGiven sets the values that aren't empty.
func setGiven(q url.Values, values map[string]string) {
	for name, value := range values {
		if value != "" {
			q.Set(name, value)
		}
	}
}

// Feed returns a feed by its ID.
func (c *Client) Feed(ctx context.Context, id string) (Feed, error) {
	return ask[Feed](ctx, c, http.MethodGet, c.in("feeds", id), nil, nil)
}

// UpdateFeed changes a feed. It applies to later loads.
func (c *Client) UpdateFeed(ctx context.Context, id string, change FeedChange) (Feed, error) {
	return ask[Feed](ctx, c, http.MethodPatch, c.in("feeds", id), nil, change)
}

// RemoveFeed removes a feed with its schedules and its ledger. The rows stay. See
// [Impact] for confirm.
func (c *Client) RemoveFeed(ctx context.Context, id, confirm string) error {
	return c.remove(ctx, confirm, "feeds", id)
}

// FeedLedger lists the result for each version of each object, in the order of keys.
func (c *Client) FeedLedger(ctx context.Context, id string, filter LedgerFilter, options PageOptions) (
	Page[LedgerEntry], error,
) {
	q := url.Values{}
	maps.Copy(q, options.query())
	setGiven(q, map[string]string{"state": filter.State, "prefix": filter.Prefix})
	return ask[Page[LedgerEntry]](ctx, c, http.MethodGet, c.in("feeds", id, "ledger"), q, nil)
}

// SkipObjects ignores objects that failed, or whose rows were removed: no load tries
// them again. A newer version of an object is loaded as usual. It returns their
// entries.
func (c *Client) SkipObjects(ctx context.Context, id string, keys []string) ([]LedgerEntry, error) {
	body := struct {
		Keys  []string `json:"keys"`
		State string   `json:"state"`
	}{keys, "ignored"}
	changed, err := ask[Page[LedgerEntry]](ctx, c, http.MethodPost, c.in("feeds", id, "ledger"), nil, body)
	return changed.Items, err
}
