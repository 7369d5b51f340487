package client

import (
	"context"
	"net/http"
	"time"
)

// SecurityEntry is an event of the security log, or several similar events
// combined.
type SecurityEntry struct {
	Seq       int64     `json:"seq"`
	Kind      string    `json:"kind"`              // such as "signin.failed"
	Address   string    `json:"address,omitempty"` // an IPv4 address, an IPv6 /64, or "many"
	Subject   string    `json:"subject,omitempty"` // ID of the member, token or provider concerned
	Actor     string    `json:"actor,omitempty"`   // ID of who did it
	Workspace string    `json:"workspace,omitempty"`
	Method    string    `json:"method,omitempty"` // of a sign-in: password, link or oidc
	Reason    string    `json:"reason,omitempty"`
	RequestID string    `json:"request_id,omitempty"`
	Count     int64     `json:"count"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Hash      string    `json:"hash"`
}

// SecurityFilter selects entries. Empty fields match every entry.
type SecurityFilter struct {
	Kind     string
	Address  string
	From, To time.Time // from From on, and before To
	Instance bool      // the whole instance, for its operators; else the workspace
}

// Security lists the security log, newest first.
func (c *Client) Security(
	ctx context.Context,
	filter SecurityFilter,
	options PageOptions,
) (Page[SecurityEntry], error) {
	q := options.query()
	for name, value := range map[string]string{"kind": filter.Kind, "address": filter.Address} {
		if value != "" {
			q.Set(name, value)
		}
	}
	for name, at := range map[string]time.Time{"from": filter.From, "to": filter.To} {
		if !at.IsZero() {
			q.Set(name, at.Format(time.RFC3339Nano))
		}
	}
	path := c.in("security")
	if filter.Instance {
		path = "/v1/security"
	}
	return ask[Page[SecurityEntry]](ctx, c, http.MethodGet, path, q, nil)
}

// SecurityReport is the result of walking the security log's chain.
type SecurityReport struct {
	Entries int64 `json:"entries"` // unchanged ones, from the oldest stored
	Broken  int64 `json:"broken"`  // place of the first changed or missing entry; 0: none
}

// VerifySecurity walks the chain of the security log, for operators.
func (c *Client) VerifySecurity(ctx context.Context) (SecurityReport, error) {
	return ask[SecurityReport](ctx, c, http.MethodGet, path("v1", "security", "verification"), nil, nil)
}
