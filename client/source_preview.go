package client

import (
	"context"
	"net/http"
	"time"
)

// UnsavedPreview is a preview of a source that isn't saved.
type UnsavedPreview struct {
	SourcePreview
	Objects PreviewObjects `json:"objects"`
}

// PreviewObjects has the objects under the pattern's prefix, up to 1,000.
type PreviewObjects struct {
	Listed  int             `json:"listed"`
	Matched int             `json:"matched"` // of those that were listed
	More    bool            `json:"more"`    // there are others
	Items   []PreviewObject `json:"items"`   // the first 50
}

// PreviewObject is an object that a preview listed.
type PreviewObject struct {
	Key      string    `json:"key"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	Matched  bool      `json:"matched"`
	Match    string    `json:"match"`
	Reason   string    `json:"reason"`
}

// PreviewUnsaved returns what a source would load. It stores nothing.
func (c *Client) PreviewUnsaved(ctx context.Context, spec SourceSpec, columns FeedColumns) (UnsavedPreview, error) {
	return ask[UnsavedPreview](ctx, c, http.MethodPost, c.in("sources", "preview"), nil, struct {
		SourceSpec
		FeedColumns
	}{spec, columns})
}
