package client

import (
	"context"
	"net/http"
	"time"
)

// Credential is an access key, without its secret.
type Credential struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	AccessKeyID string    `json:"access_key_id"`
	Region      string    `json:"region"`
	Endpoint    string    `json:"endpoint"`
	CreatedAt   time.Time `json:"created_at"`
	RotateBy    time.Time `json:"rotate_by"`      // when to replace the key
	Hint        string    `json:"hint,omitempty"` // on creation: a suggestion
}

// CredentialSpec describes a new access key.
type CredentialSpec struct {
	Name            string `json:"name,omitempty"`
	AccessKeyID     string `json:"access_key_id"`
	SecretAccessKey string `json:"secret_access_key"`
	Region          string `json:"region,omitempty"`
	Endpoint        string `json:"endpoint,omitempty"`
}

// AddCredential adds an access key. Windlass seals the secret and never
// returns it.
func (c *Client) AddCredential(ctx context.Context, spec CredentialSpec) (Credential, error) {
	return ask[Credential](ctx, c, http.MethodPost, c.in("credentials"), nil, spec)
}

// Credentials lists access keys, oldest first.
func (c *Client) Credentials(ctx context.Context, options PageOptions) (Page[Credential], error) {
	return ask[Page[Credential]](ctx, c, http.MethodGet, c.in("credentials"), options.query(), nil)
}

// RemoveCredential removes an access key, by ID or name; see [Impact] for
// confirm.
func (c *Client) RemoveCredential(ctx context.Context, idOrName, confirm string) error {
	return c.remove(ctx, confirm, "credentials", idOrName)
}
