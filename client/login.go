package client

import (
	"context"
	"net/http"
	"time"
)

// LoginStarted is a command's sign-in that waits for approval.
type LoginStarted struct {
	Device          string    `json:"device"` // redeems the sign-in
	Code            string    `json:"code"`   // for the member to approve
	URL             string    `json:"url"`    // page of the console that approves the code
	ExpiresAt       time.Time `json:"expires_at"`
	IntervalSeconds int       `json:"interval_seconds"`
}

// LoginSession is a member's session on the command line.
type LoginSession struct {
	Token     string    `json:"token"`
	ID        string    `json:"id"`
	Workspace string    `json:"workspace"` // ID
	Member    string    `json:"member"`    // e-mail address
	ExpiresAt time.Time `json:"expires_at"`
}

// StartLogin starts the sign-in of a command. name is the name of its machine.
// The client needs no token.
func (c *Client) StartLogin(ctx context.Context, name string) (LoginStarted, error) {
	return ask[LoginStarted](ctx, c, http.MethodPost, path("v1", "login"), nil, map[string]string{"name": name})
}

// RedeemLogin exchanges an approved sign-in for a session. Until a member has
// approved it, the error has the code conflict.
func (c *Client) RedeemLogin(ctx context.Context, device string) (LoginSession, error) {
	return ask[LoginSession](
		ctx,
		c,
		http.MethodPost,
		path("v1", "login", "session"),
		nil,
		map[string]string{"device": device},
	)
}

// ExchangeLogin exchanges the code that a browser sent to the command for a
// session. verifier is the text whose hash the browser sent to the console.
func (c *Client) ExchangeLogin(ctx context.Context, code, verifier, redirect string) (LoginSession, error) {
	return ask[LoginSession](ctx, c, http.MethodPost, path("v1", "login", "code"), nil,
		map[string]string{"code": code, "code_verifier": verifier, "redirect_uri": redirect})
}
