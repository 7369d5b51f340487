package client

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
)

// RowWrite configures a write of rows. The zero value keeps the old row where two
// have the same index.
type RowWrite struct {
	OnConflict string // ignore, replace, merge or fail; empty: ignore
	Create     bool   // create the dataset if it doesn't exist
	// Key, Subkey and Date are the columns of the unique index of a dataset that is
	// created. Without any of them the index is guessed, and not unique.
	Key, Subkey, Date string
	Atomic            bool   // if a row is rejected, nothing is written
	Results           string // the rows in the result: errors, all or none; empty: errors
	Lines             bool   // rows is one JSON object a line, not a JSON array
	IfVersion         int64  // the version that the dataset must have; 0: any
}

// WrittenRows is the result of the rows of a write.
type WrittenRows struct {
	Dataset  string       `json:"dataset"`
	Version  int64        `json:"version"`
	Inserted int64        `json:"inserted"`
	Replaced int64        `json:"replaced"`
	Ignored  int64        `json:"ignored"`
	Rejected int64        `json:"rejected"`
	Results  []WrittenRow `json:"results"`
}

// WrittenRow is the result of one row.
type WrittenRow struct {
	Row    int    `json:"row"` // its place, from 0
	Status string `json:"status"`
	Column string `json:"column,omitempty"`
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// WriteRows writes rows, a JSON array or one JSON object a line, in one commit. At
// most 10,000 rows and 16 MiB are one write.
func (c *Client) WriteRows(ctx context.Context, dataset string, rows io.Reader, write RowWrite) (WrittenRows, error) {
	query := url.Values{}
	for name, value := range map[string]string{
		"on_conflict": write.OnConflict, "key": write.Key, "subkey": write.Subkey, "date": write.Date,
		"results": write.Results,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	for name, value := range map[string]bool{"create": write.Create, "atomic": write.Atomic} {
		if value {
			query.Set(name, "true")
		}
	}
	media := "application/json"
	if write.Lines {
		media = "application/x-ndjson"
	}
	var done WrittenRows
	err := c.exchange(ctx, http.MethodPost, c.in("datasets", dataset, "rows"), query,
		versionHeader(media, write.IfVersion), rows, &done)
	return done, err
}

// RowRemoval names the rows to delete.
type RowRemoval struct {
	Keys      []string   // a key, or key, subkey and day; empty: any
	Query     url.Values // from, to, and conditions such as price=gt.5
	All       bool       // every row: there is no key and no condition
	DryRun    bool       // count the rows, but delete none
	IfVersion int64      // the version that the dataset must have; 0: any
}

// RemovedRows is the result of a removal.
type RemovedRows struct {
	Deleted int64 `json:"deleted"` // or would be, in a dry run
	Version int64 `json:"version"` // of the dataset afterwards
}

// DeleteRows deletes rows by their key, by conditions, or both.
func (c *Client) DeleteRows(ctx context.Context, dataset string, removal RowRemoval) (RemovedRows, error) {
	if len(removal.Keys) > 3 {
		return RemovedRows{}, fmt.Errorf("a row has a key, a subkey and a day; %d were given", len(removal.Keys))
	}
	query := url.Values{}
	maps.Copy(query, removal.Query)
	for name, value := range map[string]bool{"all": removal.All, "dry_run": removal.DryRun} {
		if value {
			query.Set(name, "true")
		}
	}
	var done RemovedRows
	err := c.exchange(ctx, http.MethodDelete,
		path(append([]string{"v1", "data", c.workspace, dataset}, removal.Keys...)...), query,
		versionHeader("", removal.IfVersion), nil, &done)
	return done, err
}

func versionHeader(media string, version int64) http.Header {
	h := http.Header{}
	if media != "" {
		h.Set("Content-Type", media)
	}
	if version > 0 {
		h.Set("Windlass-If-Version", strconv.FormatInt(version, 10))
	}
	return h
}
