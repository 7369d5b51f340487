package client

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// ExchangeSpec is what a job asks for. The zero value asks for all that the one
// grant that fits gives.
type ExchangeSpec struct {
	Workspace       string   `json:"workspace,omitempty"` // name or ID
	Grant           string   `json:"grant,omitempty"`     // name or ID
	Prefix          string   `json:"prefix,omitempty"`    // inside the grant's
	Actions         []string `json:"actions,omitempty"`   // list, read, write, delete
	DurationSeconds int      `json:"duration_seconds,omitempty"`
}

// VendedCredentials are short-lived AWS credentials that a grant gave.
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
// Token is the ID token.
func (c *Client) Exchange(ctx context.Context, spec ExchangeSpec) (VendedCredentials, error) {
	return ask[VendedCredentials](ctx, c, http.MethodPost, path("v1", "ci", "credentials"), nil, spec)
}

// VendForMe gives credentials to the member whose personal token the client has,
// from a grant that is for them.
func (c *Client) VendForMe(ctx context.Context, spec ExchangeSpec) (VendedCredentials, error) {
	spec.Workspace = ""
	return ask[VendedCredentials](ctx, c, http.MethodPost, c.in("vended-credentials"), nil, spec)
}

// ExplainSpec is an exchange to explain, with the ID token that would be shown.
type ExplainSpec struct {
	Token string `json:"token"`
	ExchangeSpec
}

// ExchangeExplanation is what would become of an exchange, and why.
type ExchangeExplanation struct {
	Accepted bool             `json:"accepted"`
	Reason   string           `json:"reason"`
	Hint     string           `json:"hint"`
	Checks   []ExchangeCheck  `json:"checks"`
	Grants   []ExplainedGrant `json:"grants"`
	// Session is the session that would be asked for; nil when refused.
	Session json.RawMessage `json:"session"`
	Token   json.RawMessage `json:"token"` // what it says, without the signature
}

// ExchangeCheck is one question that was put to the token.
type ExchangeCheck struct {
	Code   string `json:"code"`
	Status string `json:"status"` // pass, fail, skip
	Detail string `json:"detail"`
}

// ExplainedGrant is a grant and whether it takes the token.
type ExplainedGrant struct {
	ID         string               `json:"id"`
	Name       string               `json:"name"`
	Accepted   bool                 `json:"accepted"`
	Reason     string               `json:"reason"`
	Conditions []ExplainedCondition `json:"conditions"`
}

// ExplainedCondition is a condition of a grant beside what the token says.
type ExplainedCondition struct {
	Claim    string   `json:"claim"`
	Operator string   `json:"operator"`
	Values   []string `json:"values"`
	Got      any      `json:"got"`
	Met      bool     `json:"met"`
	Reason   string   `json:"reason"`
}

// ExplainExchange tells what would become of an exchange. It gives out nothing
// and uses nothing up; the client's Token is an API token.
func (c *Client) ExplainExchange(ctx context.Context, spec ExplainSpec) (ExchangeExplanation, error) {
	return ask[ExchangeExplanation](ctx, c, http.MethodPost, path("v1", "ci", "explain"), nil, spec)
}
