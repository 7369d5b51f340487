package api

import (
	"context"
	"net/http"

	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/source"
)

type previewUnsavedInput struct {
	InWorkspace
	Body struct {
		SourceSpec
		PipelineSpec
		ColumnSettings
	}
}

// UnsavedPreview is a preview of a source that isn't saved.
type UnsavedPreview struct {
	SourcePreview
	Objects PreviewObjects `json:"objects"`
}

// PreviewObjects are the objects that a preview listed.
type PreviewObjects struct {
	Listed  int             `json:"listed" doc:"At most 1,000."`
	Matched int             `json:"matched" doc:"Of those that were listed."`
	More    bool            `json:"more" doc:"There are objects that weren't listed."`
	Items   []PreviewObject `json:"items" doc:"The first 50."`
}

// PreviewObject is an object that a preview listed.
type PreviewObject struct {
	Key      string       `json:"key"`
	Size     int64        `json:"size"`
	Modified string       `json:"modified" format:"date-time"`
	Matched  bool         `json:"matched"`
	Match    source.Match `json:"match" doc:"matched, no_match, excluded, marker or empty."`
	Reason   string       `json:"reason,omitempty"`
}

func (a *API) previewRoutes() {
	op := operation("preview-unsaved-source", "POST /v1/workspaces/{ws}/sources/preview", "Sources",
		"What a source would load, before it is saved")
	op.DefaultStatus = http.StatusOK
	op.Description = "The body is that of a new source, with the columns of its feed in feed or beside the others; schedule and load are ignored. Nothing is kept. The answer has the objects under the pattern's prefix with the reason why each does or doesn't match, and the schema, the settings and the first rows of the oldest one that does."
	route(a, op, a.previewUnsaved)
}

func (a *API) previewUnsaved(ctx context.Context, call Call, in *previewUnsavedInput) (*body[UnsavedPreview], error) {
	settings := feed.Defaults()
	var change feed.Change
	if in.Body.Feed != nil {
		change = in.Body.Feed.change()
	}
	if columns := &in.Body.ColumnSettings; *columns != (ColumnSettings{}) {
		columns.addTo(&change)
	}
	settings.Apply(&change)
	if err := settings.Check("preview"); err != nil {
		return nil, err
	}
	seen, listed, err := a.config.Services.Sources.PreviewUnsaved(ctx, call.Actor, call.Workspace, in.Body.draft(),
		&settings.Columns)
	out := UnsavedPreview{SourcePreview: toSourcePreview(seen), Objects: PreviewObjects{
		Listed: listed.Listed, Matched: listed.Matched, More: listed.More, Items: []PreviewObject{},
	}}
	for _, o := range listed.Items {
		out.Objects.Items = append(out.Objects.Items, PreviewObject{
			Key: o.Info.Key, Size: o.Info.Size, Modified: o.Info.Modified.UTC().Format("2006-01-02T15:04:05Z"),
			Matched: o.Matched, Match: o.Match, Reason: o.Reason,
		})
	}
	return &body[UnsavedPreview]{out}, err
}
