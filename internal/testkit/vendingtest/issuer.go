package vendingtest

import (
	"crypto/rand"
	"crypto/rsa"
	"maps"
	"testing"

	"github.com/windlass-io/windlass/internal/openid/openidtest"
)

// Issuer is an OIDC issuer whose tokens the test hides.
type Issuer struct {
	*openidtest.Issuer
	signed func(token string) // called with each token; optional
}

// StartIssuer runs an issuer until the test ends.
func StartIssuer(t testing.TB) *Issuer {
	t.Helper()
	return &Issuer{Issuer: openidtest.Start(t)}
}

// Key returns the issuer's private key and its ID.
func (i *Issuer) Key(testing.TB) (*rsa.PrivateKey, string) {
	key := i.Issuer.Key()
	return key.Private, key.ID
}

// Sign returns a token that the issuer signed.
func (i *Issuer) Sign(t testing.TB, claims Claims) string {
	t.Helper()
	token := i.Issuer.Sign(t, claims)
	if i.signed != nil {
		i.signed(token)
	}
	return token
}

// Claims has the claims of a token.
type Claims map[string]any

// With returns the claims with changes. A nil value removes a claim.
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

// newTokenID returns a random token ID ("jti").
func newTokenID() string { return rand.Text() }
