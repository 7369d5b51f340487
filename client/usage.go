package client

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// UsageSearch selects counts of requests and how to sum them. Empty fields have
// the defaults of the API.
type UsageSearch struct {
	From, To string // days, as 2026-01-31; both inclusive
	Token    string // ID, or console
	Dataset  string // ID
	By       []string
}

// UsageLine is a sum of counts. Members that it isn't grouped by are empty.
type UsageLine struct {
	Day         string  `json:"day,omitempty"`
	Token       string  `json:"token,omitempty"` // ID, or console
	TokenName   string  `json:"token_name,omitempty"`
	Dataset     string  `json:"dataset,omitempty"` // ID
	DatasetName string  `json:"dataset_name,omitempty"`
	Kind        string  `json:"kind,omitempty"` // read, write, delete, query
	Requests    int64   `json:"requests"`
	Refusals    int64   `json:"refusals"`
	Rows        int64   `json:"rows"`
	Bytes       int64   `json:"bytes"`
	SQLMS       int64   `json:"sql_ms"`
	P50         float64 `json:"p50_ms"`
	P95         float64 `json:"p95_ms"`
}

// Usage returns the counts of what tokens read, wrote, deleted and queried.
func (c *Client) Usage(ctx context.Context, search UsageSearch) ([]UsageLine, error) {
	query := url.Values{}
	for name, value := range map[string]string{
		"from": search.From, "to": search.To, "token": search.Token, "dataset": search.Dataset,
		"by": strings.Join(search.By, ","),
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	found, err := ask[Page[UsageLine]](ctx, c, http.MethodGet, c.in("usage"), query, nil)
	return found.Items, err
}
