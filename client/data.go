package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Data returns rows of a dataset: all rows, or those of a key and subkey.
// query has the parameters of GET /v1/data, such as last, from and format. The
// result is JSON or CSV, depending on format. The caller closes it.
func (c *Client) Data(ctx context.Context, dataset string, keys []string, query url.Values) (io.ReadCloser, error) {
	if len(keys) > 2 {
		return nil, fmt.Errorf("a dataset has a key and a subkey; %d were given", len(keys))
	}
	response, err := c.send(
		ctx,
		http.MethodGet,
		path(append([]string{"v1", "data", c.workspace, dataset}, keys...)...),
		query,
		"",
		nil,
	)
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}

// DeleteData deletes the rows of a key, or of a key and subkey, and returns
// how many it deleted. query may have from and to.
func (c *Client) DeleteData(ctx context.Context, dataset string, keys []string, query url.Values) (int64, error) {
	if len(keys) < 1 || len(keys) > 2 {
		return 0, fmt.Errorf("rows are deleted by their key, or key and subkey; %d were given", len(keys))
	}
	var done struct {
		Deleted int64 `json:"deleted"`
	}
	err := c.call(
		ctx,
		http.MethodDelete,
		path(append([]string{"v1", "data", c.workspace, dataset}, keys...)...),
		query,
		nil,
		&done,
	)
	return done.Deleted, err
}
