// Package openidtest runs an OIDC issuer for tests. The issuer serves its
// metadata and keys, and signs people in with the authorization code flow and
// PKCE. It checks requests as OpenID Connect Core and RFC 7636 require, and
// accepts a code once.
package openidtest

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Issuer is a running OIDC issuer.
type Issuer struct {
	URL          string // its "iss"
	JWKSURL      string
	ClientID     string
	ClientSecret string
	Requests     atomic.Int64 // number of requests so far
	Down         atomic.Bool  // respond with 503
	// NamesItself adds "iss" to each redirect (RFC 9207), and announces it in
	// the metadata.
	NamesItself atomic.Bool

	mu       sync.Mutex
	key      Key
	subjects []string         // of the next sign-ins
	logins   map[string]login // by code
}

// login is a sign-in whose code hasn't been redeemed.
type login struct {
	subject, nonce, challenge, redirect string
}

// Start runs an issuer until the test ends.
func Start(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{ClientID: rand.Text(), ClientSecret: rand.Text(), key: NewKey(t), logins: map[string]login{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.metadata)
	mux.HandleFunc("GET /jwks", i.keys)
	mux.HandleFunc("GET /authorize", i.authorize)
	mux.HandleFunc("POST /token", i.token)
	server := httptest.NewServer(i.count(mux))
	t.Cleanup(server.Close)
	i.URL, i.JWKSURL = server.URL, server.URL+"/jwks"
	return i
}

func (i *Issuer) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.Requests.Add(1)
		if i.Down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Key returns the current key.
func (i *Issuer) Key() Key {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.key
}

// Rotate replaces the key with a new one.
func (i *Issuer) Rotate(t testing.TB) {
	t.Helper()
	key := NewKey(t)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.key = key
}

// Sign returns a token that the issuer signed.
func (i *Issuer) Sign(t testing.TB, claims map[string]any) string {
	t.Helper()
	return i.Key().Sign(t, claims)
}

// SignIn sets the subject of the next person who signs in. Subjects queue up.
func (i *Issuer) SignIn(subject string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.subjects = append(i.subjects, subject)
}

// lifetime of the ID tokens of sign-ins.
const lifetime = 10 * time.Minute

// idToken returns the claims of the ID token for a sign-in.
func (i *Issuer) idToken(l login) map[string]any {
	now := time.Now() //nolint:forbidigo // clients compare it with the system's clock
	return map[string]any{
		"iss": i.URL, "sub": l.subject, "aud": i.ClientID, "nonce": l.nonce,
		"iat": now.Unix(), "exp": now.Add(lifetime).Unix(),
		"email": l.subject + "@example.com", "email_verified": true,
	}
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
