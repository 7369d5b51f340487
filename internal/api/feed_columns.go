package api

import (
	"context"
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// feedColumn selects a column of objects.
type feedColumn struct {
	From      string       `json:"from" minLength:"1" maxLength:"1024" doc:"The name in the header or the file's schema, a JSON member, or a JSONPath to one JSON value."`
	Name      string       `json:"name,omitempty" maxLength:"255" doc:"Name in the dataset. Default: from."`
	Type      dataset.Type `json:"type,omitempty" enum:"string,integer,decimal,number,boolean,date,date-time,object,array,any" doc:"Declares the column's type. Default: guessed."`
	Precision int          `json:"precision,omitempty" doc:"Of a decimal."`
	Scale     int          `json:"scale,omitempty" doc:"Of a decimal."`
	Format    string       `json:"format,omitempty" maxLength:"100" doc:"How the objects write a date, a date-time or a number."`
}

// feedMetadata is a column with the origin of a row: a name, or an object with the
// column's own name.
type feedMetadata shape.Metadata

// UnmarshalJSON reads a name or an object.
func (m *feedMetadata) UnmarshalJSON(content []byte) error {
	*m = feedMetadata{}
	if json.Unmarshal(content, &m.Name) == nil {
		return nil
	}
	return json.Unmarshal(content, (*shape.Metadata)(m)) //nolint:wrapcheck // the caller adds the name
}

// Schema describes a name or an object, for huma.
func (feedMetadata) Schema(huma.Registry) *huma.Schema {
	var names []any
	for _, field := range shape.Fields() {
		names = append(names, string(field))
	}
	name := &huma.Schema{Type: huma.TypeString, Enum: names}
	return &huma.Schema{OneOf: []*huma.Schema{name, {
		Type: huma.TypeObject, Required: []string{"name"}, AdditionalProperties: false,
		Properties: map[string]*huma.Schema{
			"name": name,
			"as":   {Type: huma.TypeString, Description: "The column's name. Default: the name of the metadata."},
		},
	}}}
}

// feedPartitions are auto, off or a list of names.
type feedPartitions struct{ shape.Partitions }

// Schema describes a mode or names, for huma.
func (feedPartitions) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeString, Enum: []any{string(shape.Auto), string(shape.Off)}},
		{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}},
	}}
}

// ColumnSettings are embedded in bodies: which columns the rows of a feed have.
type ColumnSettings struct {
	Columns    *[]feedColumn   `json:"columns,omitempty" maxItems:"2000" doc:"Columns of objects to select, rename or type. Default: none, and the rest is kept."`
	Rest       *shape.Rest     `json:"rest,omitempty" enum:"keep,drop" doc:"What happens to columns of objects that aren't listed. Default keep."`
	Metadata   *[]feedMetadata `json:"metadata,omitempty" maxItems:"5" doc:"Columns with the origin of each row: object_key, row_number (from 1 in the object), last_modified, load_time and etag. A column of the object with the same name takes precedence."`
	Partitions *feedPartitions `json:"partitions,omitempty" doc:"name=value segments of keys that become columns. auto, the default: if all objects have the same names. off: none. Or a list of names."`
}

// addTo adds the given settings to a change.
func (s *ColumnSettings) addTo(change *feed.Change) {
	if s.Columns != nil {
		columns := make([]shape.Column, len(*s.Columns))
		for i, c := range *s.Columns {
			columns[i] = shape.Column(c)
		}
		change.Columns = &columns
	}
	if s.Metadata != nil {
		metadata := make([]shape.Metadata, len(*s.Metadata))
		for i, m := range *s.Metadata {
			metadata[i] = shape.Metadata(m)
		}
		change.Metadata = &metadata
	}
	change.Rest = s.Rest
	if s.Partitions != nil {
		change.Partitions = &s.Partitions.Partitions
	}
}

func toColumnSettings(c *shape.Columns) ColumnSettings {
	columns, metadata := make([]feedColumn, len(c.Columns)), make([]feedMetadata, len(c.Metadata))
	for i := range c.Columns {
		columns[i] = feedColumn(c.Columns[i])
	}
	for i := range c.Metadata {
		metadata[i] = feedMetadata(c.Metadata[i])
	}
	return ColumnSettings{
		Columns: &columns, Rest: &c.Rest, Metadata: &metadata, Partitions: &feedPartitions{c.Partitions},
	}
}

type previewSourceInput struct {
	InSource
	Body *struct {
		Feed string `json:"feed,omitempty" maxLength:"255" doc:"Preview with the columns of this feed of the source. Default: those of a new feed."`
		ColumnSettings
	}
}

// previewColumns returns which columns a preview shows.
func (a *API) previewColumns(ctx context.Context, call Call, in *previewSourceInput) (shape.Columns, error) {
	settings := feed.Defaults()
	if in.Body == nil {
		return settings.Columns, nil
	}
	if in.Body.Feed != "" {
		found, err := a.config.Services.Feeds.Get(ctx, call.Actor, call.Workspace, in.Body.Feed)
		if err != nil {
			return shape.Columns{}, err
		}
		src, err := a.config.Services.Sources.Get(ctx, call.Actor, call.Workspace, in.Source)
		if err != nil {
			return shape.Columns{}, err
		}
		if found.SourceID != src.ID {
			return shape.Columns{}, problem.New(problem.Invalid, "The feed %s belongs to another source.", found.ID).
				WithHint("Preview the feed's source, or use one of this source's feeds.").
				WithFindings(problem.Finding{Path: "feed", Message: "belongs to another source"})
		}
		settings = found.Settings
	}
	var change feed.Change
	in.Body.addTo(&change)
	settings.Apply(&change)
	return settings.Columns, settings.Check("preview")
}
