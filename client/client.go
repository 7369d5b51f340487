// Package client is the Go client of the Windlass REST API. The windlass
// command uses nothing else.
//
//	c, err := client.New(client.Config{URL: "http://127.0.0.1:8080", Token: token, Workspace: "demo"})
//
// A call that the server refuses returns an [*Error].
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxResponseBytes limits the size of a JSON response.
const maxResponseBytes = 64 << 20

// Config configures a [Client].
type Config struct {
	URL       string       // required; scheme, host and port
	Token     string       // sk_… or pk_…
	Workspace string       // name or ID; needed by every call under a workspace
	HTTP      *http.Client // default http.DefaultClient; redirects to another origin are refused
}

// Client calls the API. It is safe for concurrent use.
type Client struct {
	base      *url.URL
	token     string
	workspace string
	http      *http.Client
}

// New returns a client. It validates the configuration and doesn't call the
// server.
func New(config Config) (*Client, error) {
	base, err := url.Parse(config.URL)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, fmt.Errorf("server address %q is not of the form https://host:port", config.URL)
	}
	return &Client{base: base, token: config.Token, workspace: config.Workspace, http: sameOrigin(config.HTTP)}, nil
}

// Error is an error response of the server (RFC 9457).
type Error struct {
	Status    int       `json:"status"`
	Code      string    `json:"code"`
	Detail    string    `json:"detail"`
	Hint      string    `json:"hint"`
	Errors    []Finding `json:"errors"`
	Impact    *Impact   `json:"impact"` // of an action that wasn't confirmed
	RequestID string    `json:"request_id"`
}

// Finding is one problem in the input.
type Finding struct {
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

// Error returns the detail.
func (e *Error) Error() string { return e.Detail }

// IsCode reports whether err is an error response with this code.
func IsCode(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

// PageOptions selects a page. The zero value selects the first one.
type PageOptions struct {
	Cursor string
	Limit  int // default 100, at most 1,000
}

func (o PageOptions) query() url.Values {
	q := url.Values{}
	if o.Cursor != "" {
		q.Set("cursor", o.Cursor)
	}
	if o.Limit > 0 {
		q.Set("limit", strconv.Itoa(o.Limit))
	}
	return q
}

// Every returns all items of a list. It calls list once for each page.
func Every[T any](list func(PageOptions) (Page[T], error)) ([]T, error) {
	var all []T
	options := PageOptions{Limit: 1000}
	for {
		p, err := list(options)
		if err != nil {
			return nil, err
		}
		all = append(all, p.Items...)
		if p.Next == "" {
			return all, nil
		}
		options.Cursor = p.Next
	}
}

// in returns a path under the client's workspace. It escapes each part.
func (c *Client) in(parts ...string) string {
	return path(append([]string{"v1", "workspaces", c.workspace}, parts...)...)
}

func path(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		b.WriteString("/" + url.PathEscape(part))
	}
	return b.String()
}

// call sends in as JSON unless it is nil, and decodes the response into out
// unless it is nil.
func (c *Client) call(ctx context.Context, method, path string, query url.Values, in, out any) error {
	var reader io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("encoding request: %w", err)
		}
		reader = bytes.NewReader(text)
	}
	return c.exchange(ctx, method, path, query, http.Header{"Content-Type": {"application/json"}}, reader, out)
}

// exchange makes a request and decodes the response into out unless it is nil.
func (c *Client) exchange(
	ctx context.Context, method, path string, query url.Values, header http.Header, body io.Reader, out any,
) error {
	response, err := c.sendWith(ctx, method, path, query, header, body)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxResponseBytes)).Decode(out); err != nil {
		return fmt.Errorf("reading the response to %s %s: %w", method, path, err)
	}
	return nil
}

// ask is call with a decoded result.
func ask[T any](ctx context.Context, c *Client, method, path string, query url.Values, in any) (T, error) {
	var out T
	err := c.call(ctx, method, path, query, in, &out)
	return out, err
}

// send makes a request and returns the response if it succeeded. The caller
// closes the body.
func (c *Client) send(
	ctx context.Context,
	method, path string,
	query url.Values,
	contentType string,
	body io.Reader,
) (*http.Response, error) {
	return c.sendWith(ctx, method, path, query, http.Header{"Content-Type": {contentType}}, body)
}

// sendWith is send with headers. It omits Content-Type if there is no body.
func (c *Client) sendWith(
	ctx context.Context,
	method, path string,
	query url.Values,
	header http.Header,
	body io.Reader,
) (*http.Response, error) {
	target := strings.TrimSuffix(c.base.String(), "/") + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, fmt.Errorf("making the request: %w", err)
	}
	maps.Copy(request.Header, header)
	if body == nil {
		request.Header.Del("Content-Type")
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, &UnreachableError{URL: c.base.Redacted(), Cause: err}
	}
	if response.StatusCode >= http.StatusBadRequest {
		defer response.Body.Close()
		return nil, refusal(response)
	}
	return response, nil
}

// UnreachableError is returned when the server doesn't respond.
type UnreachableError struct {
	URL   string
	Cause error
}

// Error names the server and the cause.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no response from %s: %v", e.URL, e.Cause)
}

// Unwrap returns the cause.
func (e *UnreachableError) Unwrap() error { return e.Cause }

func refusal(response *http.Response) error {
	e := &Error{Status: response.StatusCode}
	text, _ := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if json.Unmarshal(text, e) != nil || e.Detail == "" {
		e.Code, e.Detail = "unknown", fmt.Sprintf("The server returned %s.", response.Status)
	}
	return e
}
