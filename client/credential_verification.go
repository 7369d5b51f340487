package client

import (
	"context"
	"net/http"
)

// KeyOrder lists the locations and the access that a key must have.
type KeyOrder struct {
	Locations []Location `json:"locations"`        // 1 to 8
	Access    string     `json:"access,omitempty"` // read (default) or readwrite
}

// VerifyCredential verifies what an access key, by ID or name, can do, and
// returns when the verification has ended.
func (c *Client) VerifyCredential(ctx context.Context, credential string, order KeyOrder) (Verification, error) {
	return ask[Verification](ctx, c, http.MethodPost, c.in("credentials", credential, "verification"), nil, order)
}

// CredentialVerification returns an access key's last verification.
func (c *Client) CredentialVerification(ctx context.Context, credential string) (Verification, error) {
	return ask[Verification](ctx, c, http.MethodGet, c.in("credentials", credential, "verification"), nil, nil)
}
