package client

import (
	"encoding/json"
	"fmt"
)

// FeedColumns defines the columns of a feed's rows. Nil fields have their
// default, or stay as they are.
type FeedColumns struct {
	Columns    *[]FeedColumn   `json:"columns,omitempty"`
	Rest       *string         `json:"rest,omitempty"` // keep, drop: columns that aren't listed
	Metadata   *[]FeedMetadata `json:"metadata,omitempty"`
	Partitions *FeedPartitions `json:"partitions,omitempty"`
}

// FeedColumn selects, renames or types a column of objects.
type FeedColumn struct {
	From      string `json:"from"`           // a name, a member of JSON, or a JSONPath to one value
	Name      string `json:"name,omitempty"` // in the dataset; empty: From
	Type      string `json:"type,omitempty"` // empty: it is guessed
	Precision int    `json:"precision,omitempty"`
	Scale     int    `json:"scale,omitempty"`
	Format    string `json:"format,omitempty"`
}

// FeedMetadata is a column with the origin of a row.
type FeedMetadata struct {
	Name string `json:"name"` // object_key, row_number, last_modified, load_time, etag
	As   string `json:"as,omitempty"`
}

// FeedPartitions defines which segments name=value of keys become columns. As JSON
// they are a mode or a list of names.
type FeedPartitions struct {
	Mode  string   // auto, off; empty: Names
	Names []string // where Mode is empty
}

// MarshalJSON writes the mode, or the names.
func (p FeedPartitions) MarshalJSON() ([]byte, error) {
	if p.Mode == "" {
		return json.Marshal(append([]string{}, p.Names...))
	}
	return json.Marshal(p.Mode)
}

// UnmarshalJSON parses a mode or names.
func (p *FeedPartitions) UnmarshalJSON(content []byte) error {
	*p = FeedPartitions{}
	if json.Unmarshal(content, &p.Mode) == nil {
		return nil
	}
	if err := json.Unmarshal(content, &p.Names); err != nil {
		return fmt.Errorf("reading partitions: %w", err)
	}
	return nil
}

// PreviewOptions selects the columns of a preview: those of a feed of the source, or
// of a new feed. Fields that are set replace the feed's settings.
type PreviewOptions struct {
	Feed string `json:"feed,omitempty"`
	FeedColumns
}
