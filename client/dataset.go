package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Dataset is a named, typed table.
type Dataset struct {
	ID          string    `json:"id"`
	Kind        string    `json:"kind"` // dataset or view
	Name        string    `json:"name"`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	Columns     []Column  `json:"columns"`
	Index       Index     `json:"index"`
	Version     int64     `json:"version"` // of the schema
	Rows        int64     `json:"rows"`
	Bytes       int64     `json:"bytes"` // an estimate
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
	LoadedAt    time.Time `json:"loaded_at"` // zero: never loaded
	RemovedAt   time.Time `json:"removed_at,omitzero"`
}

// Column is one column of a dataset.
type Column struct {
	Name        string   `json:"name"`
	Type        string   `json:"type"`                // string, integer, decimal, number, boolean, date, date-time, object, array, any
	Precision   int      `json:"precision,omitempty"` // of a decimal
	Scale       int      `json:"scale,omitempty"`
	Format      string   `json:"format,omitempty"`
	Required    bool     `json:"required"`
	AllowNull   bool     `json:"allow_null"`
	Description string   `json:"description,omitempty"`
	Declared    bool     `json:"declared,omitempty"` // a person set the type
	From        []string `json:"from,omitempty"`     // former names, by which files may name it
}

// Index names the columns that identify rows and find them.
type Index struct {
	Key     string `json:"key,omitempty"`
	Subkey  string `json:"subkey,omitempty"`
	Date    string `json:"date,omitempty"`
	Unique  bool   `json:"unique"`
	Guessed bool   `json:"guessed,omitempty"` // only in responses
	Reason  string `json:"reason,omitempty"`  // only in responses
	// Suggestion is set in responses when no two rows share the guessed index.
	Suggestion *IndexSuggestion `json:"suggestion,omitempty"`
}

// IndexSuggestion is a guessed index that may be declared as unique.
type IndexSuggestion struct {
	Key      string `json:"key,omitempty"`
	Subkey   string `json:"subkey,omitempty"`
	Date     string `json:"date,omitempty"`
	Unique   bool   `json:"unique"`
	Rows     int64  `json:"rows"`
	Distinct int64  `json:"distinct"`
}

// DatasetChange is a change to a dataset; nil fields stay as they are.
type DatasetChange struct {
	Name        *string `json:"name,omitempty"`
	Title       *string `json:"title,omitempty"`
	Description *string `json:"description,omitempty"`
}

// DatasetDraft is a dataset to create.
type DatasetDraft struct {
	Name        string   `json:"name"` // letters, digits and underscores
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	Columns     []Column `json:"columns"`
	Index       *Index   `json:"index,omitempty"` // nil: none yet
}

// CreateDataset creates a dataset. A load also creates its dataset if there
// is none.
func (c *Client) CreateDataset(ctx context.Context, draft DatasetDraft) (Dataset, error) {
	return ask[Dataset](ctx, c, http.MethodPost, c.in("datasets"), nil, draft)
}

// Datasets lists datasets and, after them, views, oldest first.
func (c *Client) Datasets(ctx context.Context, options PageOptions) (Page[Dataset], error) {
	return ask[Page[Dataset]](ctx, c, http.MethodGet, c.in("datasets"), options.query(), nil)
}

// Dataset returns a dataset by its name or ID.
func (c *Client) Dataset(ctx context.Context, nameOrID string) (Dataset, error) {
	return ask[Dataset](ctx, c, http.MethodGet, c.in("datasets", nameOrID), nil, nil)
}

// UpdateDataset changes a dataset's name or description.
func (c *Client) UpdateDataset(ctx context.Context, nameOrID string, change DatasetChange) (Dataset, error) {
	return ask[Dataset](ctx, c, http.MethodPatch, c.in("datasets", nameOrID), nil, change)
}

// RemovedDatasets lists the datasets that can be restored, most recently
// removed first.
func (c *Client) RemovedDatasets(ctx context.Context) ([]Dataset, error) {
	found, err := ask[Page[Dataset]](ctx, c, http.MethodGet, c.in("datasets"), url.Values{"removed": {"true"}}, nil)
	return found.Items, err
}

// RestoreDataset restores a removed dataset, by ID or name. If several removed
// datasets have the name, it restores the one removed last.
func (c *Client) RestoreDataset(ctx context.Context, nameOrID string) (Dataset, error) {
	return ask[Dataset](ctx, c, http.MethodPost, c.in("datasets", nameOrID, "restore"), nil, nil)
}

// RemoveDataset removes a dataset with its rows. [Client.RestoreDataset] can
// restore it for 24 hours. See [Impact] for confirm.
func (c *Client) RemoveDataset(ctx context.Context, nameOrID, confirm string) error {
	return c.remove(ctx, confirm, "datasets", nameOrID)
}
