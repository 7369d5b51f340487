package vendingtest

import (
	"crypto/rand"
	"crypto/rsa"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/oauth2-proxy/mockoidc"
)

// Issuer is an OIDC server that is not ours (mockoidc): it signs tokens and
// serves its keys.
type Issuer struct {
	URL     string // its own issuer
	JWKSURL string
	Fetches atomic.Int64 // of its keys
	Down    atomic.Bool  // it answers 503

	mu     sync.RWMutex // guards the server's key
	server *mockoidc.MockOIDC
	signed func(token string) // told of each token; optional
}

// StartIssuer runs an issuer until the test ends.
func StartIssuer(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{}
	var err error
	if i.server, err = mockoidc.NewServer(nil); err != nil {
		t.Fatal(err)
	}
	if err := i.server.AddMiddleware(i.count); err != nil {
		t.Fatal(err)
	}
	listener := listen(t)
	if err := i.server.Start(listener, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = i.server.Server.Close() })
	i.URL, i.JWKSURL = i.server.Issuer(), i.server.JWKSEndpoint()
	return i
}

func (i *Issuer) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.Fetches.Add(1)
		if i.Down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		i.mu.RLock()
		defer i.mu.RUnlock()
		next.ServeHTTP(w, r)
	})
}

// Rotate gives the issuer a new key in the place of the old one.
func (i *Issuer) Rotate(t testing.TB) {
	t.Helper()
	made, err := mockoidc.RandomKeypair(2048)
	if err != nil {
		t.Fatal(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.server.Keypair = made
}

// Key gives the issuer's private key and its ID.
func (i *Issuer) Key(t testing.TB) (*rsa.PrivateKey, string) {
	t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	id, err := i.server.Keypair.KeyID()
	if err != nil {
		t.Fatal(err)
	}
	return i.server.Keypair.PrivateKey, id
}

// Sign signs claims as the issuer.
func (i *Issuer) Sign(t testing.TB, claims Claims) string {
	t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	token, err := i.server.Keypair.SignJWT(jwt.MapClaims(claims))
	if err != nil {
		t.Fatalf("signing: %v", err)
	}
	if i.signed != nil {
		i.signed(token)
	}
	return token
}

// Claims are what a token says.
type Claims map[string]any

// With gives the claims with some of them different; nil takes one away.
func (c Claims) With(changes Claims) Claims {
	out := maps.Clone(c)
	for name, value := range changes {
		if value == nil {
			delete(out, name)
		} else {
			out[name] = value
		}
	}
	return out
}

// unique is a token ID.
func unique() string { return rand.Text() }
