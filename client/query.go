package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Query is a SQL statement to run over the workspace's datasets.
type Query struct {
	SQL string
	// Parameters has the values of $NAME by NAME: a string, a number, a bool or nil.
	Parameters map[string]any
	Limit      int    // rows; 0: 1,000 for json and table, else all
	Format     string // json, table, csv, ndjson, arrow or parquet; default json
}

// QueryResult has the rows of a query in the requested format. The
// caller closes Body.
type QueryResult struct {
	Body      io.ReadCloser
	Truncated bool // there are more rows
}

// QueryTable is the rows of a query with the format table.
type QueryTable struct {
	Columns []struct {
		Name string `json:"name"`
		Type string `json:"type"`
	} `json:"columns"`
	Rows      [][]json.RawMessage `json:"rows"`
	Truncated bool                `json:"truncated"`
}

// Query runs a SQL statement. An [Error] has the line and column of a fault.
func (c *Client) Query(ctx context.Context, q Query) (*QueryResult, error) {
	body := map[string]any{"sql": q.SQL}
	if len(q.Parameters) > 0 {
		body["parameters"] = q.Parameters
	}
	if q.Limit > 0 {
		body["limit"] = q.Limit
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encoding the query: %w", err)
	}
	values := url.Values{}
	if q.Format != "" {
		values.Set("format", q.Format)
	}
	//nolint:bodyclose // the caller closes it
	response, err := c.send(ctx, http.MethodPost, c.in("query"), values, "application/json", bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return &QueryResult{Body: response.Body, Truncated: response.Header.Get("Windlass-Truncated") == "true"}, nil
}
