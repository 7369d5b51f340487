package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestAttackStaleCommand: a command that was signed in more than ten minutes ago
// makes no owner, sets no password and mints no token that manages; it can after
// windlass login.
func TestAttackStaleCommand(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	const ws = "/v1/workspaces/main"
	token := h.command(t, h.owner)
	if status, text := h.call(t, http.MethodPost, ws+"/members", token,
		`{"email":"bob@example.com","role":"editor"}`); status != http.StatusCreated {
		t.Fatalf("inviting an editor: %d %s", status, text)
	}
	acts := []struct{ name, method, path, body string }{
		{"making an owner", http.MethodPatch, ws + "/members/bob@example.com", `{"role":"owner"}`},
		{"inviting an owner", http.MethodPost, ws + "/members", `{"email":"eve@example.com","role":"owner"}`},
		{
			"a new password", http.MethodPut, ws + "/members/bob@example.com/password",
			`{"password":"correct horse battery"}`,
		},
		{
			"a token with manage", http.MethodPost, ws + "/tokens",
			`{"kind":"secret","name":"m","scopes":[{"action":"manage"}]}`,
		},
		{
			"a token with audit", http.MethodPost, ws + "/tokens",
			`{"kind":"secret","name":"a","scopes":[{"action":"audit"}]}`,
		},
		{"a secret token with all scopes", http.MethodPost, ws + "/tokens", `{"kind":"secret","name":"all"}`},
		{"a personal token without scopes", http.MethodPost, ws + "/tokens", `{"kind":"personal","name":"me"}`},
	}
	h.clock.advance(11 * time.Minute)
	for _, act := range acts {
		status, text := h.call(t, act.method, act.path, token, act.body)
		if status != http.StatusForbidden || !strings.Contains(text, "Run windlass login again") {
			t.Errorf("%s with a stale session: %d %s", act.name, status, text)
		}
	}
	for _, act := range []struct{ name, method, path, body string }{
		{"making an admin", http.MethodPatch, ws + "/members/bob@example.com", `{"role":"admin"}`},
		{
			"a token that reads", http.MethodPost, ws + "/tokens",
			`{"kind":"secret","name":"r","scopes":[{"action":"data.read","dataset":"*"}]}`,
		},
	} {
		if status, text := h.call(t, act.method, act.path, token, act.body); status >= 300 {
			t.Errorf("%s with a stale session: %d %s", act.name, status, text)
		}
	}
}
