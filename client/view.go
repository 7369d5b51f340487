package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// View is stored SQL that is read like a dataset, with [Client.Data]: its parameters
// are p.NAME there.
type View struct {
	ID          string          `json:"id"`
	Kind        string          `json:"kind"` // view
	Name        string          `json:"name"`
	Title       string          `json:"title,omitempty"`
	Description string          `json:"description,omitempty"`
	SQL         string          `json:"sql,omitempty"`
	Parameters  []ViewParameter `json:"parameters"`
	Index       ViewIndex       `json:"index"`
	Columns     []Column        `json:"columns"`
	Tables      []ViewTable     `json:"tables,omitempty"`
	Broken      string          `json:"broken,omitempty"` // why the SQL can't run any more
	Version     int64           `json:"version"`
	CreatedAt   time.Time       `json:"created_at"`
	UpdatedAt   time.Time       `json:"updated_at"`
}

// ViewParameter is a parameter of a view: $NAME in its SQL. Its values are JSON.
type ViewParameter struct {
	Name        string            `json:"name"`
	Type        string            `json:"type"` // string, integer, number, boolean, date, date-time
	Default     json.RawMessage   `json:"default,omitempty"`
	Min         json.RawMessage   `json:"min,omitempty"`
	Max         json.RawMessage   `json:"max,omitempty"`
	Enum        []json.RawMessage `json:"enum,omitempty"`
	Required    bool              `json:"required,omitempty"`
	Description string            `json:"description,omitempty"`
}

// ViewIndex names the columns by which a view's rows are found and ordered.
type ViewIndex struct {
	Key    string `json:"key,omitempty"`
	Subkey string `json:"subkey,omitempty"`
	Date   string `json:"date,omitempty"`
}

// ViewTable is a dataset or view that a view's SQL names.
type ViewTable struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// ViewDraft is a view to create.
type ViewDraft struct {
	Name        string          `json:"name"` // letters, digits and underscores
	Title       string          `json:"title,omitempty"`
	Description string          `json:"description,omitempty"`
	SQL         string          `json:"sql"`
	Parameters  []ViewParameter `json:"parameters,omitempty"`
	Index       ViewIndex       `json:"index,omitzero"`
}

// ViewChange is a change to a view; nil fields stay as they are.
type ViewChange struct {
	Name        *string          `json:"name,omitempty"`
	Title       *string          `json:"title,omitempty"`
	Description *string          `json:"description,omitempty"`
	SQL         *string          `json:"sql,omitempty"`
	Parameters  *[]ViewParameter `json:"parameters,omitempty"`
	Index       *ViewIndex       `json:"index,omitempty"`
}

// CreateView creates a view. An [Error] has the line and column of a fault in the
// SQL.
func (c *Client) CreateView(ctx context.Context, draft ViewDraft) (View, error) {
	return ask[View](ctx, c, http.MethodPost, c.in("views"), nil, draft)
}

// Views lists views, oldest first.
func (c *Client) Views(ctx context.Context, options PageOptions) (Page[View], error) {
	return ask[Page[View]](ctx, c, http.MethodGet, c.in("views"), options.query(), nil)
}

// View returns a view by its name or ID.
func (c *Client) View(ctx context.Context, nameOrID string) (View, error) {
	return ask[View](ctx, c, http.MethodGet, c.in("views", nameOrID), nil, nil)
}

// UpdateView changes a view. With force it does so although views that use it break.
func (c *Client) UpdateView(ctx context.Context, nameOrID string, change ViewChange, force bool) (View, error) {
	var query url.Values
	if force {
		query = url.Values{"force": {"true"}}
	}
	return ask[View](ctx, c, http.MethodPatch, c.in("views", nameOrID), query, change)
}

// ViewImpact returns the impact of removing a view.
func (c *Client) ViewImpact(ctx context.Context, nameOrID string) (Impact, error) {
	return c.impact(ctx, "views", nameOrID)
}

// RemoveView removes a view. See [Impact] for confirm.
func (c *Client) RemoveView(ctx context.Context, nameOrID, confirm string) error {
	return c.remove(ctx, confirm, "views", nameOrID)
}
