package client_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/windlass-io/windlass/client"
)

// The client must not send the token to another host, port or scheme that a
// response redirects to.
func TestAttackRedirectTakesToken(t *testing.T) {
	t.Parallel()
	var stolen atomic.Value
	thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stolen.Store("reached with " + r.Header.Get("Authorization"))
		_, _ = w.Write([]byte(`{}`))
	}))
	t.Cleanup(thief.Close)
	for name, status := range map[string]int{
		"moved": http.StatusMovedPermanently, "found": http.StatusFound,
		"temporary": http.StatusTemporaryRedirect,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.RedirectHandler(thief.URL+"/v1/whoami", status))
			t.Cleanup(server.Close)
			for _, base := range []*http.Client{nil, {}} {
				c, err := client.New(client.Config{URL: server.URL, Token: "sk_secret", Workspace: "demo", HTTP: base})
				if err != nil {
					t.Fatal(err)
				}
				_, err = c.Whoami(t.Context())
				if err == nil || !strings.Contains(err.Error(), "isn't sent there") ||
					strings.Contains(err.Error(), "sk_secret") {
					t.Errorf("got %v", err)
				}
			}
			if got := stolen.Load(); got != nil {
				t.Error(got)
			}
		})
	}
}

func TestRedirectsWithinTheOrigin(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/base/v1/whoami":
			http.Redirect(w, r, "/v1/whoami", http.StatusTemporaryRedirect)
		case r.Header.Get("Authorization") != "Bearer sk_secret":
			w.WriteHeader(http.StatusUnauthorized)
		default:
			_, _ = w.Write([]byte(`{"name":"ops"}`))
		}
	}))
	t.Cleanup(server.Close)
	c, err := client.New(client.Config{URL: server.URL + "/base", Token: "sk_secret"})
	if err != nil {
		t.Fatal(err)
	}
	if who, err := c.Whoami(t.Context()); err != nil || who.Name != "ops" {
		t.Errorf("got %+v, %v", who, err)
	}
}
