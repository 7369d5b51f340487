package client

import (
	"context"
	"net/http"
	"time"
)

// Identity is the AWS principal that the service runs as.
type Identity struct {
	ARN          string            `json:"arn,omitempty"`           // as AWS returned it; empty if AWS didn't respond
	PrincipalARN string            `json:"principal_arn,omitempty"` // the ARN that trust policies name
	Account      string            `json:"account,omitempty"`
	Partition    string            `json:"partition,omitempty"`
	Region       string            `json:"region"`
	Source       IdentitySource    `json:"source"`
	LongTerm     bool              `json:"long_term"`
	Root         bool              `json:"root"`
	ExpiresAt    time.Time         `json:"expires_at,omitzero"` // of the credentials
	SkewSeconds  int               `json:"skew_seconds"`        // AWS's clock minus the service's
	Rights       []IdentityRight   `json:"rights"`
	Warnings     []IdentityWarning `json:"warnings"` // most severe first
	FoundAt      time.Time         `json:"found_at"`
	AWSRequestID string            `json:"aws_request_id,omitempty"`
}

// IdentitySource is the place that the service's credentials came from.
type IdentitySource struct {
	Kind   string `json:"kind"` // environment, shared-config, web-identity, …
	Detail string `json:"detail"`
}

// IdentityRight is one action and whether the service may call it.
type IdentityRight struct {
	Action string `json:"action"`
	Answer string `json:"answer"` // allowed, refused, unknown
	By     string `json:"by"`     // tried, simulated
	Wanted bool   `json:"wanted"` // whether the service needs it
}

// IdentityWarning is a suggested improvement.
type IdentityWarning struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Fix     string `json:"fix"`
}

// Identity returns the AWS principal that the service runs as, and its
// permissions as far as they are known.
func (c *Client) Identity(ctx context.Context) (Identity, error) {
	return ask[Identity](ctx, c, http.MethodGet, path("v1", "identity"), nil, nil)
}
