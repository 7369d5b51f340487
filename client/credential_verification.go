package client

import (
	"context"
	"net/http"
)

// KeyOrder says what an access key is to open.
type KeyOrder struct {
	Locations []Location `json:"locations"`        // 1 to 8
	Access    string     `json:"access,omitempty"` // read (default) or readwrite
}

// VerifyCredential verifies what an access key opens, by its ID or name, and
// answers when that has ended.
func (c *Client) VerifyCredential(ctx context.Context, credential string, order KeyOrder) (Verification, error) {
	return ask[Verification](ctx, c, http.MethodPost, c.in("credentials", credential, "verification"), nil, order)
}

// CredentialVerification gives an access key's last verification.
func (c *Client) CredentialVerification(ctx context.Context, credential string) (Verification, error) {
	return ask[Verification](ctx, c, http.MethodGet, c.in("credentials", credential, "verification"), nil, nil)
}
