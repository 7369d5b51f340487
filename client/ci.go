package client

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// ExchangeSpec describes the credentials that a job requests. The zero value
// requests everything that the single matching grant allows.
type ExchangeSpec struct {
	Workspace       string   `json:"workspace,omitempty"` // name or ID
	Grant           string   `json:"grant,omitempty"`     // name or ID
	Prefix          string   `json:"prefix,omitempty"`    // within one of the grant's prefixes
	Actions         []string `json:"actions,omitempty"`   // list, read, write, delete
	DurationSeconds int      `json:"duration_seconds,omitempty"`
}

// VendedCredentials are short-lived AWS credentials issued under a grant.
type VendedCredentials struct {
	AccessKeyID     string    `json:"access_key_id"`
	SecretAccessKey string    `json:"secret_access_key"`
	SessionToken    string    `json:"session_token"`
	Expiration      time.Time `json:"expiration"`
	Workspace       string    `json:"workspace"`
	Grant           string    `json:"grant"` // ID
	GrantName       string    `json:"grant_name"`
	Bucket          string    `json:"bucket"`
	Prefixes        []string  `json:"prefixes"`
	Actions         []string  `json:"actions"`
	Region          string    `json:"region"`
	Endpoint        string    `json:"endpoint"` // empty: AWS
	SessionName     string    `json:"session_name"`
	SourceIdentity  string    `json:"source_identity"`
}

// Exchange exchanges the ID token of a CI job for credentials. The client's
// Token must be the ID token.
func (c *Client) Exchange(ctx context.Context, spec ExchangeSpec) (VendedCredentials, error) {
	return ask[VendedCredentials](ctx, c, http.MethodPost, path("v1", "ci", "credentials"), nil, spec)
}

// VendForMe returns credentials for the member who owns the client's personal
// token, under a grant for members.
func (c *Client) VendForMe(ctx context.Context, spec ExchangeSpec) (VendedCredentials, error) {
	spec.Workspace = ""
	return ask[VendedCredentials](ctx, c, http.MethodPost, c.in("vended-credentials"), nil, spec)
}

// ExplainSpec describes an exchange to explain and the ID token it would use.
type ExplainSpec struct {
	Token string `json:"token"`
	ExchangeSpec
}

// ExchangeExplanation is the outcome that an exchange would have, and the
// reasons.
type ExchangeExplanation struct {
	Accepted bool             `json:"accepted"`
	Reason   string           `json:"reason"`
	Hint     string           `json:"hint"`
	Checks   []ExchangeCheck  `json:"checks"`
	Grants   []ExplainedGrant `json:"grants"`
	// Session is the session that would be requested; nil if the exchange
	// would be refused.
	Session json.RawMessage `json:"session"`
	Token   json.RawMessage `json:"token"` // the token's claims, without the signature
}

// ExchangeCheck is one check of the token.
type ExchangeCheck struct {
	Code   string `json:"code"`
	Status string `json:"status"` // pass, fail, skip
	Detail string `json:"detail"`
}

// ExplainedGrant is a grant, and whether the token matches it.
type ExplainedGrant struct {
	ID         string               `json:"id"`
	Name       string               `json:"name"`
	Accepted   bool                 `json:"accepted"`
	Reason     string               `json:"reason"`
	Conditions []ExplainedCondition `json:"conditions"`
}

// ExplainedCondition is a condition of a grant and the token's value for it.
type ExplainedCondition struct {
	Claim    string   `json:"claim"`
	Operator string   `json:"operator"`
	Values   []string `json:"values"`
	Got      any      `json:"got"`
	Met      bool     `json:"met"`
	Reason   string   `json:"reason"`
}

// ExplainExchange returns the outcome that an exchange would have. It issues
// no credentials and doesn't use the ID token up. The client's Token must be
// an API token.
func (c *Client) ExplainExchange(ctx context.Context, spec ExplainSpec) (ExchangeExplanation, error) {
	return ask[ExchangeExplanation](ctx, c, http.MethodPost, path("v1", "ci", "explain"), nil, spec)
}
