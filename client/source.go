package client

import (
	"context"
	"net/http"
	"time"
)

// Source selects objects of one bucket.
type Source struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	Integration string       `json:"integration"` // ID; empty when the source uses a credential
	Credential  string       `json:"credential"`
	Bucket      string       `json:"bucket"`
	Pattern     string       `json:"pattern"`
	Exclude     []string     `json:"exclude"`
	Format      SourceFormat `json:"format"`
	CreatedAt   time.Time    `json:"created_at"`
	UpdatedAt   time.Time    `json:"updated_at"`

	Dialect SourceDialect `json:"dialect"` // the format's settings with their origin
}

// SourceFormat describes how to read objects. What isn't set is found out for
// each object.
type SourceFormat struct {
	Name        string `json:"name,omitempty"`        // auto, csv, tsv, psv, json, jsonl, parquet, avro, xlsx
	Encoding    string `json:"encoding,omitempty"`    // utf-8, utf-16, utf-16le, utf-16be, latin1, windows-1252
	Compression string `json:"compression,omitempty"` // none, gzip, …; an object that differs fails
	Delimiter   string `json:"delimiter,omitempty"`   // 1 to 8 characters; \t and \x01 are escapes
	// Quote, Escape and Comment are one ASCII character, or empty for none.
	Quote             *string `json:"quote,omitempty"`
	Escape            *string `json:"escape,omitempty"`
	Comment           *string `json:"comment,omitempty"`
	SkipLines         *int    `json:"skip_lines,omitempty"`
	Header            *bool   `json:"header,omitempty"`
	TrailingDelimiter *bool   `json:"trailing_delimiter,omitempty"`
	// NullMarkers replaces the built-in ones, even if it is empty.
	NullMarkers    []string `json:"null_markers,omitzero"`
	NumberFormat   string   `json:"number_format,omitempty"` // an example, such as 1.234,5
	TimeZone       string   `json:"time_zone,omitempty"`     // IANA name
	MaxRecordBytes int      `json:"max_record_bytes,omitempty"`
	JSONPath       string   `json:"json_path,omitempty"`
	// Flatten makes columns of the members of nested objects of JSON.
	Flatten *SourceFlatten `json:"flatten,omitempty"`
	Sheet   string         `json:"sheet,omitempty"`  // of an Excel workbook; default: the first visible one
	Member  string         `json:"member,omitempty"` // pattern of the members of zip archives; default: all
	// IncludeMarkers also loads files that writers put next to their data, such
	// as _SUCCESS, and empty objects.
	IncludeMarkers bool `json:"include_markers,omitempty"`
}

// SourceDialect has each setting of a format by its JSON name.
type SourceDialect map[string]SourceSetting

// SourceSetting is a setting, and where it is from.
type SourceSetting struct {
	Value any    `json:"value"` // nil: found out for each object
	From  string `json:"from"`  // declared, inferred or default
	Why   string `json:"why,omitempty"`
}

// SourceSpec describes a new source. It has either an Integration or a
// Credential.
type SourceSpec struct {
	Name        string        `json:"name,omitempty"`
	Integration string        `json:"integration,omitempty"`
	Credential  string        `json:"credential,omitempty"`
	Bucket      string        `json:"bucket"`
	Pattern     string        `json:"pattern"`
	Exclude     []string      `json:"exclude,omitempty"`
	Format      *SourceFormat `json:"format,omitempty"`

	// Dataset creates a feed into this dataset. Feed, Schedule and Load need it.
	Dataset  string        `json:"dataset,omitempty"`
	Feed     *FeedSettings `json:"feed,omitempty"`
	Schedule *ScheduleSpec `json:"schedule,omitempty"` // without a feed, a source and a dataset
	Load     bool          `json:"load,omitempty"`     // also start a load
}

// CreatedSource is a new source with what was created beside it.
type CreatedSource struct {
	Source
	Feed     *Feed     `json:"feed,omitempty"`
	Schedule *Schedule `json:"schedule,omitempty"`
	Load     *Load     `json:"load,omitempty"`
}

// SourceChange is a change to a source; nil fields stay as they are.
type SourceChange struct {
	Name    *string       `json:"name,omitempty"`
	Pattern *string       `json:"pattern,omitempty"`
	Exclude *[]string     `json:"exclude,omitempty"`
	Format  *SourceFormat `json:"format,omitempty"`
}

// SourceObject is an object of a source's bucket and its outcome in earlier
// loads.
type SourceObject struct {
	Key      string    `json:"key"`
	Size     int64     `json:"size"`
	ETag     string    `json:"etag"`
	Modified time.Time `json:"modified"`
	Matched  bool      `json:"matched"`
	Match    string    `json:"match"` // matched, no_match, excluded, marker, empty
	Reason   string    `json:"reason"`
	Outcome  string    `json:"outcome"` // loaded, skipped, failed; empty: not loaded yet
	Load     string    `json:"load"`
	LoadedAt time.Time `json:"loaded_at"`
	Rows     int64     `json:"rows"`
	Rejected int64     `json:"rejected"`
}

// SourcePreview is the beginning of the oldest object that matches.
type SourcePreview struct {
	Key         string        `json:"key"`
	Size        int64         `json:"size"`
	Modified    time.Time     `json:"modified"`
	Format      string        `json:"format"`
	Compression string        `json:"compression"` // gzip, zstd, …; empty: none
	Columns     []Column      `json:"columns"`     // as inferred
	Index       Index         `json:"index"`
	Rows        [][]any       `json:"rows"`     // in the order of the columns
	Rejected    []RejectedRow `json:"rejected"` // the rows that would be rejected
	Notes       []string      `json:"notes"`
	Dialect     SourceDialect `json:"dialect"` // the settings that the object was read with
}

// RejectedRow is a row that was rejected, or would be.
type RejectedRow struct {
	Object string `json:"object"`
	Line   int64  `json:"line"`
	Column string `json:"column"`
	Value  string `json:"value"`
	Error  string `json:"error"`
}

// CreateSource creates a source. With a dataset it also creates the feed and, as the spec
// says, a schedule and a load: all of them, or nothing.
func (c *Client) CreateSource(ctx context.Context, spec SourceSpec) (CreatedSource, error) {
	return ask[CreatedSource](ctx, c, http.MethodPost, c.in("sources"), nil, spec)
}

// Sources lists sources, oldest first.
func (c *Client) Sources(ctx context.Context, options PageOptions) (Page[Source], error) {
	return ask[Page[Source]](ctx, c, http.MethodGet, c.in("sources"), options.query(), nil)
}

// Source returns a source by its ID or name.
func (c *Client) Source(ctx context.Context, idOrName string) (Source, error) {
	return ask[Source](ctx, c, http.MethodGet, c.in("sources", idOrName), nil, nil)
}

// UpdateSource changes a source.
func (c *Client) UpdateSource(ctx context.Context, idOrName string, change SourceChange) (Source, error) {
	return ask[Source](ctx, c, http.MethodPatch, c.in("sources", idOrName), nil, change)
}

// RemoveSource removes a source. The loaded rows stay. See [Impact]
// for confirm.
func (c *Client) RemoveSource(ctx context.Context, idOrName, confirm string) error {
	return c.remove(ctx, confirm, "sources", idOrName)
}

// PreviewSource reads the beginning of the oldest object that matches.
func (c *Client) PreviewSource(ctx context.Context, idOrName string, options PreviewOptions) (SourcePreview, error) {
	return ask[SourcePreview](ctx, c, http.MethodPost, c.in("sources", idOrName, "preview"), nil, options)
}

// SourceObjects lists the bucket's objects under a prefix. If the prefix is
// empty, it lists from the literal prefix of the source's pattern.
func (c *Client) SourceObjects(
	ctx context.Context,
	idOrName, prefix string,
	options PageOptions,
) (Page[SourceObject], error) {
	query := options.query()
	if prefix != "" {
		query.Set("prefix", prefix)
	}
	return ask[Page[SourceObject]](ctx, c, http.MethodGet, c.in("sources", idOrName, "objects"), query, nil)
}

// SourceFlatten makes columns of the members of nested objects.
type SourceFlatten struct {
	Separator string `json:"separator,omitempty"` // between the names; default "."
	Depth     int    `json:"depth,omitempty"`     // levels of objects, 1 to 8; default 3
}
