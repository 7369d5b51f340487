package client

import (
	"context"
	"net/http"
	"time"
)

// SchemaOperation is one step of a change of a dataset's schema. Op decides which
// other fields it has: add, drop, rename, set or index.
type SchemaOperation struct {
	Op          string     `json:"op"`
	Column      *NewColumn `json:"column,omitempty"` // of add
	Name        string     `json:"name,omitempty"`   // of drop, rename and set
	To          string     `json:"to,omitempty"`     // of rename
	Type        *string    `json:"type,omitempty"`   // of set, like the fields that follow; nil: unchanged
	Precision   *int       `json:"precision,omitempty"`
	Scale       *int       `json:"scale,omitempty"`
	Format      *string    `json:"format,omitempty"`
	Required    *bool      `json:"required,omitempty"`
	AllowNull   *bool      `json:"allow_null,omitempty"`
	Description *string    `json:"description,omitempty"`
	Declared    *bool      `json:"declared,omitempty"`
	Key         string     `json:"key,omitempty"` // of index, as the fields that follow
	Subkey      string     `json:"subkey,omitempty"`
	Date        string     `json:"date,omitempty"`
	Unique      bool       `json:"unique,omitempty"`
	Keep        string     `json:"keep,omitempty"` // first or last
}

// NewColumn is a column to add.
type NewColumn struct {
	Name        string  `json:"name"`
	Type        string  `json:"type"`
	Precision   int     `json:"precision,omitempty"`
	Scale       int     `json:"scale,omitempty"`
	Format      string  `json:"format,omitempty"`
	Required    bool    `json:"required,omitempty"`
	AllowNull   *bool   `json:"allow_null,omitempty"` // nil: true
	Description string  `json:"description,omitempty"`
	Default     *string `json:"default,omitempty"` // of existing rows; nil: null
}

// SchemaOrder is a change of a dataset's schema. All operations apply or none.
type SchemaOrder struct {
	Version    int64             `json:"version"`         // of the schema that was read
	Apply      string            `json:"apply,omitempty"` // leave (default) or convert
	DryRun     bool              `json:"dry_run,omitempty"`
	AcceptLoss bool              `json:"accept_loss,omitempty"`
	Force      bool              `json:"force,omitempty"` // views may break
	Operations []SchemaOperation `json:"operations"`
}

// SchemaReport is the effect of a change on the rows.
type SchemaReport struct {
	Version    int64           `json:"version"`
	Rows       int64           `json:"rows"`
	Rejected   int64           `json:"rejected"`
	Operations []SchemaOutcome `json:"operations"`
	Duplicates int64           `json:"duplicates"`
	Change     string          `json:"change,omitempty"` // empty for a dry run
	Load       string          `json:"load,omitempty"`   // has the rejected rows
}

// SchemaOutcome is the effect of one operation.
type SchemaOutcome struct {
	Op          string         `json:"op"`
	Name        string         `json:"name,omitempty"`
	ApplyNeeded string         `json:"apply_needed"` // leave or convert
	Converts    int64          `json:"converts"`
	Rejects     int64          `json:"rejects"`
	Rounds      int64          `json:"rounds"`
	Samples     []SchemaSample `json:"samples"`
}

// SchemaSample is a value that an operation changes or rejects.
type SchemaSample struct {
	Key    string  `json:"key"`
	From   *string `json:"from"` // nil for a null
	To     *string `json:"to"`   // nil for a value that is rejected
	Reason string  `json:"reason,omitempty"`
}

// SchemaChange is a past change of a dataset's schema.
type SchemaChange struct {
	ID         string            `json:"id"`
	Version    int64             `json:"version"`
	Apply      string            `json:"apply"`
	Operations []SchemaOperation `json:"operations"`
	Rows       int64             `json:"rows"`
	Rejected   int64             `json:"rejected"`
	Duplicates int64             `json:"duplicates"`
	Load       string            `json:"load,omitempty"`
	By         string            `json:"by"`
	At         time.Time         `json:"at"`
}

// Drift is a difference between the objects of a load and the schema that its dataset
// had before.
type Drift struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"` // new_column, missing_column, widened, format_changed
	Column  string    `json:"column"`
	Outcome string    `json:"outcome"`          // added, ignored, null, widened, failed
	From    string    `json:"from,omitempty"`   // type or format
	To      string    `json:"to,omitempty"`     // type or format
	Object  string    `json:"object,omitempty"` // the first that differs
	Line    int64     `json:"line,omitempty"`
	Value   string    `json:"value,omitempty"`
	Rows    int64     `json:"rows"`
	Load    string    `json:"load"`
}

// ChangeSchema changes the schema of a dataset, or returns what would change.
func (c *Client) ChangeSchema(ctx context.Context, nameOrID string, order SchemaOrder) (SchemaReport, error) {
	return ask[SchemaReport](ctx, c, http.MethodPost, c.in("datasets", nameOrID, "schema"), nil, order)
}

// SchemaChanges lists the changes of a dataset's schema, newest first.
func (c *Client) SchemaChanges(ctx context.Context, nameOrID string, options PageOptions) (Page[SchemaChange], error) {
	return ask[Page[SchemaChange]](ctx, c, http.MethodGet, c.in("datasets", nameOrID, "schema", "changes"),
		options.query(), nil)
}

// Drift lists how objects differed from the schema of a dataset, newest first.
func (c *Client) Drift(ctx context.Context, nameOrID string, options PageOptions) (Page[Drift], error) {
	return ask[Page[Drift]](ctx, c, http.MethodGet, c.in("datasets", nameOrID, "drift"), options.query(), nil)
}
