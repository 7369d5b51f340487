package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// UploadOptions configure the load of a file. The zero value creates a dataset that
// doesn't exist, and keeps the old row where two have the same index.
type UploadOptions struct {
	Name        string // of the file: its ending is a hint where the content leaves the format open
	Duplicates  string // ignore or replace; empty: ignore
	MaxRejected *int64 // load nothing if more rows than this are rejected; nil: no limit
	NoCreate    bool   // don't create a dataset that doesn't exist
	Again       bool   // load a file of the same name and content that was loaded before
}

// Uploaded is the result of an uploaded file.
type Uploaded struct {
	JobID      string         `json:"jobId"` // of the load
	Message    string         `json:"message"`
	Rows       int64          `json:"rows"` // new rows, replaced ones included
	Duplicates int64          `json:"duplicates"`
	Rejected   int64          `json:"rejected"`
	Known      string         `json:"known,omitempty"` // the load that loaded the same file before; nothing was loaded
	Errors     []UploadReject `json:"errors"`          // the first rejected rows
	Notes      []string       `json:"notes"`
}

// UploadReject is a rejected row of an uploaded file.
type UploadReject struct {
	Line   int64  `json:"line"`
	Column string `json:"column"`
	Value  string `json:"value"`
	Reason string `json:"reason"`
}

// Upload loads a file of any format that a load reads, and waits for it.
func (c *Client) Upload(ctx context.Context, dataset string, file io.Reader, options UploadOptions) (Uploaded, error) {
	query := url.Values{"create": {strconv.FormatBool(!options.NoCreate)}}
	if options.Name != "" {
		query.Set("name", options.Name)
	}
	if options.Again {
		query.Set("again", "true")
	}
	if options.Duplicates != "" {
		query.Set("duplicateKeyHandling", options.Duplicates)
	}
	if options.MaxRejected != nil {
		query.Set("maximumValidationErrors", strconv.FormatInt(*options.MaxRejected, 10))
	}
	var done Uploaded
	err := c.exchange(ctx, http.MethodPost, "/v1/data/"+url.PathEscape(c.workspace)+"/"+url.PathEscape(dataset), query,
		http.Header{"Content-Type": {"application/octet-stream"}}, file, &done)
	return done, err
}
